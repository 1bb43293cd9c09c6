// Sends the conversation and shows the response as it streams. Without scripts the form is sent, and the response comes as a page.
import { announce } from './copy.js';
import { signedOut } from './refresh.js';

const form = document.querySelector('[data-playground]');
const turns = form.querySelector('[data-turns]');
const send = form.querySelector('[data-send]');
const stop = form.querySelector('[data-stop]');
let running = null;

form.addEventListener('submit', event => {
    // "Show as code" opens another tab. This page stays open, so its form may be sent again.
    setTimeout(() => { delete form.dataset.sent; });
    if (event.submitter !== send && event.submitter?.hasAttribute('data-code')) {
        return;
    }

    event.preventDefault();
    if (!running) {
        run();
    }
});

form.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        form.requestSubmit(send);
    }
});

stop.addEventListener('click', () => running?.abort());

for (const choice of form.querySelectorAll('[name=env]')) {
    choice.addEventListener('change', () => form.querySelector('[name=model]').setAttribute('list', 'models-' + choice.value));
}

form.dataset.ready = '';

async function run() {
    running = new AbortController();
    busy(true);
    form.querySelectorAll('[data-error]').forEach(error => error.remove());
    const answer = { content: '', calls: [] };
    let view = null;
    let id = null;
    let facts = null;
    try {
        await keepPictures();
        const response = await fetch(form.dataset.playground, { method: 'POST', body: new FormData(form), headers: { 'X-Form-Token': form.querySelector('[name=form_token]').value }, signal: running.signal });
        id = response.headers.get('X-Playground-Request');
        if (response.status === 401 && !id) {
            signedOut();
            return;
        }

        if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
            refuse(await response.json(), id);
            return;
        }

        view = addTurn('assistant');
        facts = await read(response.body, answer, view, id);
        if (facts.outcome === 'Error') {
            refuse({ error: { message: 'The response broke off before its end.' } }, null);
        }
    } catch (fault) {
        if (fault.name !== 'AbortError') {
            refuse({ error: { message: fault.name === 'NotReadableError' ? 'A picture could not be read.' : 'The connection to the edge was lost.' } }, id);
        }
    } finally {
        const stopped = running.signal.aborted;
        finish(answer, view, facts ?? (id ? { requestId: id } : null), stopped);
        running = null;
        busy(false);
    }
}

async function read(body, answer, view, id) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    let facts = { requestId: id };
    let due = false;
    for (;;) {
        const { done, value } = await reader.read();
        text = done ? text + '\n\n' : text + value;
        const events = text.split(/\r?\n\r?\n/);
        text = events.pop();
        for (const event of events) {
            facts = take(event, answer, id) ?? facts;
        }

        if (!due) {
            due = true;
            requestAnimationFrame(() => {
                due = false;
                fit(view, answer.content);
            });
        }

        if (done) {
            return facts;
        }
    }
}

function take(event, answer, id) {
    const lines = event.split(/\r?\n/);
    const data = lines.filter(line => line.startsWith('data:')).map(line => line.slice(5).trimStart()).join('\n');
    if (!data || data === '[DONE]') {
        return null;
    }

    const told = JSON.parse(data);
    if (lines.includes('event: edge')) {
        return told;
    }

    if (told.error) {
        refuse(told, id);
    }

    const delta = told.choices?.[0]?.delta;
    answer.content += delta?.content ?? '';
    for (const call of delta?.tool_calls ?? []) {
        const whole = answer.calls[call.index ?? 0] ??= { id: '', type: 'function', function: { name: '', arguments: '' } };
        whole.id ||= call.id ?? '';
        whole.function.name += call.function?.name ?? '';
        whole.function.arguments += call.function?.arguments ?? '';
    }

    return null;
}

function finish(answer, view, facts, stopped) {
    if (view) {
        fit(view, answer.content);
        const calls = answer.calls.filter(Boolean);
        const index = turns.querySelectorAll('[data-turn]').length - 1;
        if (calls.length > 0 && !stopped) {
            const shown = document.createElement('pre');
            shown.className = 'wrap';
            shown.tabIndex = 0;
            shown.setAttribute('role', 'region');
            shown.setAttribute('aria-label', 'Tool calls of the model');
            shown.textContent = JSON.stringify(calls, null, 2);
            view.prepend(hidden(`calls.${index}`, JSON.stringify(calls)), shown);
        }

        if (answer.content === '' && calls.length === 0) {
            view.remove();
        }
    }

    if (facts) {
        turns.append(tell(facts, stopped));
    }

    if (view?.isConnected) {
        const calls = stopped ? [] : answer.calls.filter(Boolean);
        const next = calls.length === 0 ? [addTurn('user')] : calls.map(call => addTurn('tool', call));
        next[0].querySelector('textarea').focus();
    }

    announce(stopped ? 'Stopped.' : 'The response is complete.');
}

function addTurn(role, call) {
    const index = turns.querySelectorAll('[data-turn]').length;
    const turn = document.createElement('div');
    turn.className = 'turn ' + role;
    turn.dataset.turn = '';
    const label = document.createElement('label');
    const name = document.createElement('span');
    name.className = 'turn-role';
    name.textContent = { assistant: 'Model', tool: `Result of ${call?.function.name}` }[role] ?? 'You';
    const area = document.createElement('textarea');
    area.name = 'content';
    area.rows = role === 'user' ? 4 : 2;
    label.append(name, area);
    turn.append(hidden('role', role), label);
    if (call) {
        turn.append(hidden(`call_id.${index}`, call.id));
    }

    turns.append(turn);
    return turn;
}

function hidden(name, value) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    return field;
}

function fit(view, content) {
    const area = view.querySelector('textarea');
    area.value = content;
    area.rows = Math.min(24, Math.max(2, content.split('\n').length + Math.floor(content.length / 80)));
}

// Reads the chosen images and adds them to the last message of the user, so that later requests contain the images too.
async function keepPictures() {
    const field = form.querySelector('[name=images]');
    const users = [...turns.querySelectorAll('[data-turn]')];
    const index = users.findLastIndex(turn => turn.classList.contains('user'));
    for (const file of index < 0 ? [] : field.files) {
        const url = await new Promise((resolve, reject) => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result);
            reader.onerror = () => reject(reader.error);
            reader.readAsDataURL(file);
        });
        const picture = document.createElement('img');
        picture.className = 'turn-image';
        picture.alt = 'Attached picture';
        picture.src = url;
        users[index].prepend(hidden(`image.${index}`, url), picture);
    }

    field.value = '';
}

function tell(facts, stopped) {
    const line = document.createElement('p');
    line.className = 'muted small-text answer-facts';
    const parts = [
        stopped && 'stopped',
        facts.firstByte && `first byte ${facts.firstByte}`,
        facts.speed && `${facts.speed} tokens/s`,
        facts.tokens && `${facts.tokens} tokens`,
        facts.cost,
        facts.duration,
    ].filter(Boolean);
    const link = document.createElement('a');
    link.href = form.dataset.logs + encodeURIComponent(facts.requestId);
    link.textContent = facts.requestId;
    line.append(parts.join(' · ') + (parts.length > 0 ? ' · ' : ''), link);
    return line;
}

// Shows an error of the edge or a provider: code, message, and a link to the request.
function refuse(body, id) {
    const error = typeof body.error === 'string' ? { message: body.message ?? body.error, code: body.code } : body.error ?? {};
    const box = document.createElement('div');
    box.className = 'notice bad';
    box.dataset.error = '';
    box.setAttribute('role', 'alert');
    const line = document.createElement('p');
    if (error.code) {
        const code = document.createElement('code');
        code.textContent = error.code;
        line.append(code, ' ');
    }

    line.append(error.message ?? 'The request was refused.');
    box.append(line);
    if (id) {
        box.append(tell({ requestId: id }, false));
    }

    turns.after(box);
}

function busy(is) {
    send.disabled = is;
    stop.hidden = !is;
    send.textContent = is ? 'Running…' : 'Send';
}
