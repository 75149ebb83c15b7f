<%inherit file="base.mako"/>
<main class="start">
${text | n}
</main>
