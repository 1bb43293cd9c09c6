// A number field with a checkbox "none". Input in the field clears the checkbox, and ticking the checkbox clears the field.
for (const place of document.querySelectorAll('[data-none]')) {
    const [field, box] = [place.querySelector('input:not([type=checkbox])'), place.querySelector('input[type=checkbox]')];
    field.addEventListener('input', () => { box.checked = box.checked && field.value === ''; });
    box.addEventListener('change', () => { field.value = box.checked ? '' : field.value; });
}
