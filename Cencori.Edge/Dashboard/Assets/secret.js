// A page that shows a secret once does not let it be lost by chance.
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
