<%inherit file="base.mako"/>

<%def name="name(topic)">${topic.zh} <span class="en" lang="en">${topic.en}</span></%def>

<%def name="about(row)">
% if row.label:
${name(row.label)}\
% for said in row.hints:
<small>${inline(said.zh) | n} <span class="en" lang="en">${inline(said.en) | n}</span></small>\
% endfor
% for value, meaning in row.choices.items():
<small><code>${value}</code> ${name(meaning)}</small>\
% endfor
% else:
${inline(row.about) | n}\
% endif
</%def>

<%def name="fields(rows)">
<div class="table fields" tabindex="0"><table>
<tr><th scope="col">名称 <span lang="en">Name</span> <span class="required">*</span> 必填 <span lang="en">required</span></th><th scope="col">类型 <span lang="en">Type</span></th><th scope="col">含义 <span lang="en">Meaning</span></th><th scope="col">例 <span lang="en">Example</span></th></tr>
% for row in rows:
<tr>
<td><code>${row.name}</code>${' <span class="required" title="必填 required">*</span>' if row.required else '' | n}</td>
<td>\
% if row.schema:
<a href="#schema-${row.schema}">${row.schema}</a>${'' if row.kind.startswith('object') else ' 列表 list'}\
% else:
${row.kind}\
% endif
% for bound in row.bounds:
<small>${bound}</small>\
% endfor
</td>
<td>${about(row)}</td>
<td>\
% if row.example:
<code>${row.example}</code>\
% endif
</td>
</tr>
% endfor
</table></div>
</%def>

<%def name="refusals(found)">
<ul class="refusals">
% for refusal in found:
<li><a href="/problems/${refusal.code}">${refusal.status} ${refusal.code}</a> ${name(refusal.name)}</li>
% endfor
</ul>
</%def>

<%def name="operation(found)">
<article id="${found.id}">
<h3>${name(found.name)}</h3>
<p class="path"><span class="method">${found.method}</span> ${found.path}</p>
${prose(found.about) | n}
% if found.parameters:
<h4>参数 Parameters</h4>
${fields(found.parameters)}
% endif
<p>\
% for zh, en, names in (('必需', 'Required:', found.must), ('可选', 'Optional:', found.may)):
% if names:
${zh} <span lang="en">${en}</span>
% for condition in names:
<a href="#common-${condition}"><code>${condition}</code></a>
% endfor
% endif
% endfor
</p>
% if found.takes:
<h4>请求内容 Request body</h4>
${prose(found.takes.about) | n}
% if found.takes.fields:
${fields(found.takes.fields)}
% endif
% endif
<h4>示例 Example</h4>
<pre tabindex="0"><code>${found.curl}</code></pre>
<h4>响应 Response: ${found.status}\
% if found.gives:
 <a href="#schema-${found.gives.schema}">${found.gives.schema}</a>\
% endif
</h4>
% if found.gives:
<details><summary>示例 Example</summary><pre tabindex="0"><code>${found.gives.example}</code></pre></details>
% endif
% if found.refusals:
<h4>可能的错误 Problems</h4>
${refusals(found.refusals)}
% endif
</article>
</%def>

<div class="page">
<nav class="toc" aria-label="目录 Contents">
<ul>
<li><a href="#conventions">约定 <span class="en" lang="en">Conventions</span></a></li>
% for section in reference.sections:
<li><a href="#${section.key}">${name(section.name)}</a>
<ul>
% for found in section.operations:
<li><a href="#${found.id}">${name(found.name)}</a></li>
% endfor
</ul></li>
% endfor
<li><a href="#schemas">对象 <span class="en" lang="en">Objects</span></a></li>
</ul>
</nav>
<main>
<h2 id="conventions">约定 <span class="en" lang="en">Conventions</span></h2>
${prose(reference.about) | n}
<p><a href="${source}"><span lang="en">OpenAPI 3.1</span></a></p>
<p>示例中 <code>$URL</code> 为本服务地址，<code>$TOKEN</code> 为令牌。
<span lang="en">In the examples <code>$URL</code> is the address of this service and <code>$TOKEN</code> your token.</span></p>
<h4>通用参数 Common parameters</h4>
<div class="table common" tabindex="0"><table>
% for row in reference.common:
<tr id="common-${row.name}"><td><code>${row.name}</code></td><td>${about(row)}</td><td>\
% if row.example:
<code>${row.example}</code>\
% endif
</td></tr>
% endfor
</table></div>
<h4>所有操作共有的错误 Problems common to all operations</h4>
${refusals(reference.refusals)}
% for section in reference.sections:
<h2 id="${section.key}">${name(section.name)}</h2>
% for found in section.operations:
${operation(found)}
% endfor
% endfor
<h2 id="schemas">对象 <span class="en" lang="en">Objects</span></h2>
% for key, body in reference.schemas.items():
<article id="schema-${key}">
<h3>${key}</h3>
${prose(body.about) | n}
${fields(body.fields)}
</article>
% endfor
</main>
</div>
