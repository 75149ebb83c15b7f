<%inherit file="base.mako"/>
<main class="start">
% for name, kind in kinds.items():
<h2 id="${name}"><a href="/problems/${name}">${name}</a> <span class="en">${int(kind.status)}</span></h2>
<p><strong>${kind.title(lang)}</strong></p>
<p>${kind.remedy(lang)}</p>
% endfor
</main>
