// Draws the page's charts with Apache ECharts instead of the server's drawings. The data come as JSON from the page's own URL. All charts share one cursor.
// Dragging over a chart narrows the whole page to that period, like its From and To fields.
import { announce } from './copy.js';
import { signedOut } from './refresh.js';

const page = document.querySelector('[data-charts]');
const dashes = ['solid', [5, 3], [1.5, 2.5]];
const markers = ['circle', 'rect', 'triangle'];
const drawn = new Map();
let data;

start();

async function start() {
    try {
        const address = new URL(location.href);
        address.searchParams.set('format', 'json');
        const [answer] = await Promise.all([fetch(address, { headers: { 'X-Requested-With': 'fetch' }, cache: 'no-store' }), library()]);
        if (answer.status === 401) {
            signedOut();
        }

        if (!answer.ok) {
            return;
        }

        data = await answer.json();
    } catch {
        // The library or the data could not be loaded. The page keeps the server's drawings.
        return;
    }

    for (const chart of data.charts) {
        const place = page.querySelector(`[data-chart="${chart.id}"]`);
        if (place) {
            draw(place, chart);
        }
    }

    globalThis.echarts.connect('page');
    document.addEventListener('edge:theme', redraw);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
    page.dataset.drawn = 'true';
}

/** Loads the bundle of ECharts as a classic script. The bundle fails as a module, because it looks for global objects. */
function library() {
    return new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = new URL('./echarts.js', import.meta.url);
        script.addEventListener('load', resolve);
        script.addEventListener('error', reject);
        document.head.append(script);
    });
}

function draw(place, chart) {
    place.replaceChildren();
    const canvas = globalThis.echarts.init(place, null, { renderer: 'canvas' });
    canvas.group = 'page';
    const hidden = new Set();
    drawn.set(place, { canvas, chart, hidden });
    canvas.setOption(options(place, chart, hidden));
    new ResizeObserver(() => canvas.resize()).observe(place);
    zoomByDragging(canvas);
    legend(chart, hidden, () => canvas.setOption(options(place, chart, hidden), { replaceMerge: ['series'] }));
}

function redraw() {
    for (const [place, { canvas, chart, hidden }] of drawn) {
        canvas.setOption(options(place, chart, hidden), { replaceMerge: ['series'] });
    }
}

/** Returns the value of a colour variable of the style sheet, because a canvas does not support CSS variables. */
function colour(token) {
    const probe = document.createElement('i');
    probe.style.color = `var(--${token})`;
    page.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
}

function options(place, chart, hidden) {
    const [text, muted, line, surface] = ['text', 'muted', 'line', 'surface'].map(colour);
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    return {
        animation: !still,
        animationDuration: 200,
        aria: { enabled: true, label: { description: chart.sentence }, decal: { show: true } },
        textStyle: { color: muted, fontFamily: getComputedStyle(document.body).fontFamily },
        grid: { left: 4, right: 12, top: 12, bottom: 2, containLabel: true },
        tooltip: {
            trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: surface, borderColor: line, textStyle: { color: text, fontSize: 12 },
            axisPointer: { type: chart.shape === 'bars' ? 'shadow' : 'line', lineStyle: { color: muted } },
            formatter: parts => tooltip(chart, parts),
        },
        xAxis: {
            type: 'category', data: data.labels, boundaryGap: true, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: muted, hideOverlap: true, ...ticks(place) },
        },
        yAxis: { type: 'value', splitNumber: 4, axisLabel: { color: muted, formatter: value => short(chart.unit, value) }, splitLine: { lineStyle: { color: line } }, minInterval: chart.unit === 'count' ? 1 : undefined },
        series: chart.series.map((series, index) => ({ series, index })).filter(({ index }) => !hidden.has(index)).map(({ series, index }) =>
            chart.shape === 'bars' ? bars(series, index, surface) : lines(series, index)),
    };
}

/** Chooses the points whose labels the axis shows: round times, as many as fit. The label at the start of a day is the date. */
function ticks(place) {
    if (data.step === 'day') {
        return {};
    }

    // In time zones with half-hour offsets, hours start at half past.
    const minutes = label => { const [, hour, minute] = /(\d\d):(\d\d)/.exec(label); return hour * 60 + (data.step === 'hour' ? 0 : Number(minute)); };
    const length = data.labels.length * (data.step === 'hour' ? 60 : 1);
    const apart = [5, 10, 15, 30, 60, 180, 360, 720].find(step => length / step * 64 < place.clientWidth) ?? 1440;
    return {
        interval: point => minutes(data.labels[point]) % apart === 0,
        formatter: label => { const [day, clock] = label.split(', '); return clock === undefined || minutes(label) === 0 ? day : clock.slice(0, 5); },
    };
}

function bars(series, index, surface) {
    const own = token(series);
    // Narrow bars have no pattern, because it would not be recognizable.
    const pattern = data.labels.length > 62 ? null : patterns[index % patterns.length];
    return {
        id: String(index), name: series.name, type: 'bar', stack: 'all', barCategoryGap: '20%', emphasis: { focus: 'none' },
        itemStyle: { color: own, decal: pattern ? { color: faint(surface), ...pattern } : { symbol: 'none' } },
        data: series.values.map((value, point) => value > 0 && data.partial.includes(point)
            ? { value, itemStyle: { color: own, opacity: 0.4, borderColor: own, borderType: 'dashed', decal: unfinished(surface) } }
            : value),
    };
}

/** The colour at half opacity, so that a pattern does not hide the bar. */
function faint(rgb) {
    return rgb.replace('rgb(', 'rgba(').replace(')', ', 0.5)');
}

// Patterns of bars, by series. Must be the same as in Swatch.razor.
const patterns = [
    null,
    { symbol: 'circle', dashArrayX: [[3, 5], [0, 4, 3, 1]], dashArrayY: [3, 3], symbolSize: 0.6, rotation: 0 },
    { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [1.5, 4], rotation: 0 },
    { symbol: 'rect', dashArrayX: [1.5, 4], dashArrayY: [1, 0], rotation: 0 },
    { symbol: 'rect', dashArrayX: [[3, 3], [0, 3, 3, 0]], dashArrayY: [3, 0], symbolSize: 0.8, rotation: 0 },
    { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: -Math.PI / 4 },
];

function unfinished(surface) {
    return { color: surface, symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: Math.PI / 4 };
}

function lines(series, index) {
    return {
        id: String(index), name: series.name, type: 'line', color: token(series), lineStyle: { width: 2, type: dashes[index % dashes.length] },
        symbol: markers[index % markers.length], symbolSize: 6, showSymbol: data.labels.length <= 60, showAllSymbol: 'auto', connectNulls: false, data: series.values,
    };
}

function token(series) {
    return colour(series.colour ? `series-${series.colour}` : 'series-other');
}

function tooltip(chart, parts) {
    const point = parts[0].dataIndex;
    const rows = parts.filter(part => part.value != null).map(part => `${shown(part.seriesName)}: ${exact(chart.unit, part.value)}`);
    const unit = data.step === 'day' ? ' (UTC)' : '';
    const sum = chart.shape === 'bars' && parts.length > 1 ? [`Total: ${exact(chart.unit, parts.reduce((all, part) => all + (part.value ?? 0), 0))}`] : [];
    return [data.labels[point] + unit + (data.partial.includes(point) ? ', partial' : ''), ...rows.reverse(), ...sum].join('\n');
}

// Escapes a name: ECharts reads braces in text as markup.
function shown(name) {
    return name.replaceAll('{', '(').replaceAll('}', ')');
}

function exact(unit, value) {
    switch (unit) {
        case 'usd': return '$' + value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 6 });
        case 'milliseconds': return value >= 1000 ? (value / 1000).toLocaleString('en-US', { maximumFractionDigits: 2 }) + ' s' : value.toLocaleString('en-US', { maximumFractionDigits: 1 }) + ' ms';
        default: return value.toLocaleString('en-US');
    }
}

function short(unit, value) {
    if (unit === 'usd' && (value >= 1 || value === 0)) {
        return '$' + value.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 2 });
    }

    return unit === 'count' && value >= 10000 ? value.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 2 }) : exact(unit, value);
}

function legend(chart, hidden, changed) {
    for (const entry of page.querySelectorAll(`[data-legend="${chart.id}"] [data-series]`)) {
        const index = Number(entry.dataset.series);
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'quiet small';
        button.setAttribute('aria-pressed', 'true');
        button.append(...entry.childNodes);
        entry.append(button);
        button.addEventListener('click', () => {
            const isHidden = hidden.delete(index) ? false : Boolean(hidden.add(index));
            button.setAttribute('aria-pressed', String(!isHidden));
            announce(`${button.textContent} ${isHidden ? 'hidden' : 'shown'}`);
            changed();
        });
    }
}

function zoomByDragging(canvas) {
    const area = canvas.getZr();
    let from = null;
    const at = event => Math.max(0, Math.min(data.labels.length - 1, Math.round(canvas.convertFromPixel({ xAxisIndex: 0 }, event.offsetX))));
    const mark = to => canvas.setOption({ graphic: [{ id: 'zoom', type: 'rect', invisible: to === null, silent: true, z: 100, shape: band(canvas, from ?? 0, to ?? 0), style: { fill: colour('accent'), opacity: 0.15 } }] });
    area.on('mousedown', event => {
        if (canvas.containPixel('grid', [event.offsetX, event.offsetY])) {
            from = at(event);
        }
    });
    area.on('mousemove', event => {
        if (from !== null) {
            mark(at(event));
        }
    });
    area.on('mouseup', event => {
        const [first, last] = from === null ? [0, 0] : [from, at(event)].sort((a, b) => a - b);
        from = null;
        mark(null);
        if (last > first) {
            zoom(first, last);
        }
    });
    area.on('globalout', () => {
        if (from !== null) {
            from = null;
            mark(null);
        }
    });
}

function band(canvas, from, to) {
    const [left, right] = [Math.min(from, to), Math.max(from, to)].map(point => canvas.convertToPixel({ xAxisIndex: 0 }, point));
    return { x: left, y: 12, width: right - left, height: canvas.getHeight() - 36 };
}

function zoom(first, last) {
    const address = new URL(location.href);
    address.searchParams.delete('range');
    address.searchParams.set('from', data.times[first]);
    address.searchParams.set('to', data.times[last + 1]);
    location.assign(address);
}
