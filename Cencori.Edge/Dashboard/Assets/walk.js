// Keys of the logs: from one request to the next by j and k, and follow on and off by the full stop.
document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, [contenteditable]') || document.documentElement.dataset.keys === 'off') {
        return;
    }

    const link = { j: document.querySelector('[data-key="j"]'), k: document.querySelector('[data-key="k"]') }[event.key];
    if (link) {
        location.assign(link.href);
    } else if (event.key === '.' && document.querySelector('[data-follow]')) {
        document.dispatchEvent(new Event('edge:follow'));
    } else if (event.key === '.') {
        document.querySelector('[data-follow-toggle]')?.click();
    }
});
