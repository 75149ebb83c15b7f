<!doctype html>
<html lang="${lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style | n}</style>
<header>
<h1>${title}</h1>
<nav aria-label="页面 Pages">
% for link in links:
<a href="${link.path}"${' aria-current="page"' if link.path == path else '' | n}>${link.title.zh} <span lang="en">${link.title.en}</span></a>
% endfor
</nav>
</header>
${next.body()}
</html>
