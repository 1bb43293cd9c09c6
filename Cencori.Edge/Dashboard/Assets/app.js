// Runs on every page and loads further modules only where a page needs them. Without scripts, every page works too, with links and forms.
import './copy.js';

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split('; ').includes('edge-zone=' + encodeURIComponent(zone))) {
    remember('edge-zone', zone);
}

/** Stores a display preference in a cookie. Cookies of scripts hold only preferences, never data. */
function remember(name, value) {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/dashboard; max-age=31536000; samesite=lax`;
}

for (const themes of document.querySelectorAll('[data-themes]')) {
    themes.hidden = false;
    themes.addEventListener('change', event => {
        remember('edge-theme', event.target.value);
        document.documentElement.dataset.theme = event.target.value;
        document.dispatchEvent(new Event('edge:theme'));
    });
}

// The menu is closed at first on a narrow screen.
const side = document.querySelector('[data-side]');
if (side && matchMedia('(max-width: 55rem)').matches) {
    side.open = false;
}

document.addEventListener('click', event => {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
        if (!menu.contains(event.target)) {
            menu.open = false;
        }
    }
});

document.addEventListener('submit', event => {
    const form = event.target;
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) {
        event.preventDefault();
        return;
    }

    // Sends a form only once: a second click on the button would repeat the action.
    if (form.method === 'post') {
        if (form.dataset.sent) {
            event.preventDefault();
        }

        form.dataset.sent = 'true';
    }
});
addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach(form => delete form.dataset.sent));

document.querySelector('[data-focus]')?.focus();

const modules = {
    '[data-refresh]': './refresh.js',
    '[data-follow]': './follow.js',
    '[data-playground]': './playground.js',
    '[data-secret]': './secret.js',
    '[data-palette]': './palette.js',
    '[data-shortcuts]': './keyboard.js',
    '[data-charts]': './chart.js',
    '[data-none]': './none.js',
};
for (const [selector, module] of Object.entries(modules)) {
    if (document.querySelector(selector)) {
        import(module);
    }
}
