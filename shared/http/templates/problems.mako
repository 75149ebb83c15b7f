<%inherit file="base.mako"/>
<main class="start">
% for name, kind in kinds.items():
<h2 id="${name}"><a href="/problems/${name}">${name}</a> <span class="en">${int(kind.status)}</span></h2>
<p><strong>${kind.title.told(lang)}</strong></p>
<p>${kind.remedy.told(lang)}</p>
% endfor
% if faults:
<div class="table"><table>
<tr><th scope="col">code</th><th scope="col">${'Meaning' if lang == 'en' else '含义'}</th></tr>
% for code, meaning in faults.items():
<tr><td><code>${code}</code></td><td>${meaning.told(lang)}</td></tr>
% endfor
</table></div>
% endif
</main>
