// Copies the text that a button names. Works on plain HTTP too, where browsers offer no clipboard API.

/** Announces a text to screen readers. */
export function announce(text) {
    const region = document.getElementById('announce');
    if (region) {
        region.textContent = text;
    }
}

async function copy(button) {
    const field = button.dataset.copyFrom ? document.getElementById(button.dataset.copyFrom) : null;
    const text = field ? field.value ?? field.textContent : button.dataset.copy;
    const done = await write(text, field);
    tell(button, done ? 'Copied' : 'Press Ctrl+C');
}

/** Copies a text that no button names. */
export async function copyText(text) {
    announce(await write(text, null) ? 'Copied' : 'Press Ctrl+C');
}

async function write(text, field) {
    if (isSecureContext && navigator.clipboard) {
        try {
            await navigator.clipboard.writeText(text);
            return true;
        } catch {
            // The browser does not allow the clipboard API. execCommand is tried below.
        }
    }

    const area = field && field.select ? field : temporary(text);
    area.select();
    const done = document.execCommand('copy');
    if (area !== field) {
        area.remove();
    }

    return done;
}

function temporary(text) {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    return area;
}

function tell(button, text) {
    button.dataset.label ??= button.textContent;
    button.textContent = text;
    announce(text);
    clearTimeout(button.timer);
    button.timer = setTimeout(() => { button.textContent = button.dataset.label; }, 2000);
}

document.addEventListener('click', event => {
    const button = event.target.closest('[data-copy], [data-copy-from]');
    if (button) {
        copy(button);
    }
});

/** Shows the copy buttons, which are hidden without scripts. */
export function showButtons(root) {
    root.querySelectorAll('[data-copy], [data-copy-from]').forEach(button => { button.hidden = false; });
}

showButtons(document);
