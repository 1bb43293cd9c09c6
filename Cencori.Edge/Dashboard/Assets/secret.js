// Makes the browser ask for confirmation before the user leaves a page with a secret that is shown only once, unless the secret was copied or saved.
const page = document.querySelector('[data-secret]');
let isSaved = false;

const field = page.querySelector('input[readonly]');
field.addEventListener('focus', () => field.select());
field.focus();
field.select();

for (const happened of ['copy', 'click']) {
    document.addEventListener(happened, event => {
        isSaved ||= happened === 'copy' || Boolean(event.target.closest('[data-copy-from], a[download], [data-saved]'));
    });
}

addEventListener('beforeunload', event => {
    if (!isSaved) {
        event.preventDefault();
    }
});
