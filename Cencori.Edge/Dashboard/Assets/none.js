// A number field with a "none" checkbox: the one that was used last applies.
for (const place of document.querySelectorAll('[data-none]')) {
    const [field, box] = [place.querySelector('input:not([type=checkbox])'), place.querySelector('input[type=checkbox]')];
    field.addEventListener('input', () => { box.checked = box.checked && field.value === ''; });
    box.addEventListener('change', () => { field.value = box.checked ? '' : field.value; });
}
