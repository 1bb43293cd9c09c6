using System.Buffers;
using Cencori.Edge.Dialects;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Events;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Lets guardrails check an event stream. Text is held back until there is enough of it for a check. Until that check ends, all later events are
/// held back too.</summary>
/// <remarks>Reads the output of <see cref="ScreenedEvents"/>: local rules have already been applied, and content that they cannot scan was passed or
/// refused.</remarks>
/// <param name="inner">The stream after local rules.</param>
/// <param name="rules">The guardrails that mask or block. Empty: nothing is held back.</param>
/// <param name="gathered">Receives all texts. Null: not needed.</param>
/// <param name="isLast">True when the caller reads this stream directly.</param>
/// <param name="owner">Screens the whole response, and holds its state.</param>
internal sealed partial class GuardedEvents(Stream inner, PolicyRule[] rules, GatheredTexts? gathered, bool isLast, OutputScreen owner) : ForwardOnlyStream
{
    private const int InitialBuffer = 16 * 1024;

    // Size of the largest event that is buffered, in bytes. Local rules (ScreenedEvents) scan only smaller events.
    private const int MaxEvent = 16 * 1024 * 1024;

    // Early events wait for the first check, up to this many bytes. If the check refuses the response, the caller can still receive an error status.
    private const int MaxHeldBack = 64 * 1024;
    private static readonly TimeSpan LongestHeldBack = TimeSpan.FromSeconds(1);

    private readonly TextBuffer _output = new();
    private byte[] _read = ArrayPool<byte>.Shared.Rent(InitialBuffer);
    private int _length;
    private Task<int>? _reading;
    private EventFramer _framer;
    private long _since;
    private bool _isDecided = rules.Length == 0;
    private bool _isWithinLarge;
    private bool _isOver;

    private bool IsHeldBack => !_isDecided && _output.Length < MaxHeldBack && owner.Since(_since) < LongestHeldBack;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty && _reading is not null)
        {
            await Task.WhenAny(_reading);
            return 0;
        }

        if (buffer.IsEmpty)
        {
            return _output.Length > 0 || _isOver ? 0 : await inner.ReadAsync(buffer, cancellationToken);
        }

        while (!_isOver && (_output.Length == 0 || (IsHeldBack && await HasMoreInTimeAsync(cancellationToken))))
        {
            await ReadMoreAsync(cancellationToken);
            _since = _since == 0 && _output.Length > 0 ? owner.Now() : _since;
        }

        // After the first bytes, the HTTP status can no longer change.
        _isDecided |= _output.Length > 0;
        owner.HasBegun |= isLast && _output.Length > 0;
        return _output.MoveTo(buffer.Span);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _output.Clear();
            ReleaseTexts();
            if (_reading is { IsCompleted: false } reading)
            {
                // The pending read still writes to the buffer, so the buffer must not return to the pool.
                _ = reading.ContinueWith(static done => done.Exception, TaskScheduler.Default);
            }
            else
            {
                ArrayPool<byte>.Shared.Return(_read);
            }

            (_read, _length, _isOver) = ([], 0, true);
            if (isLast)
            {
                owner.Finish();
            }
        }

        base.Dispose(disposing);
    }

    // Waits only briefly for more events: a provider may pause for long after its first event.
    private async ValueTask<bool> HasMoreInTimeAsync(CancellationToken cancellation)
    {
        _reading ??= inner.ReadAsync(_read.AsMemory(_length), cancellation).AsTask();
        await owner.WaitAsync(_reading, LongestHeldBack - owner.Since(_since));
        return _reading.IsCompleted;
    }

    private async ValueTask ReadMoreAsync(CancellationToken cancellation)
    {
        var reading = _reading is null ? inner.ReadAsync(_read.AsMemory(_length), cancellation) : new(_reading);
        _reading = null;
        var read = await reading;
        if (read == 0)
        {
            await TakeAsync(_read.AsMemory(0, _length), cancellation);
            await EndAsync(cancellation);
            _isOver = true;
            return;
        }

        var (start, at) = (0, _length);
        _length += read;
        while (!_isOver && _framer.TryFindEnd(_read.AsSpan(0, _length), ref at))
        {
            await TakeAsync(_read.AsMemory(start, at - start), cancellation);
            start = at;
        }

        // Some providers delay the empty line after [DONE].
        if (DoneMarker.Is(_read.AsSpan(start, _length - start)))
        {
            await TakeAsync(_read.AsMemory(start, _length - start), cancellation);
            start = _length;
        }

        _length -= start;
        _read.AsSpan(start, _length).CopyTo(_read);
        if (_length == _read.Length)
        {
            MakeRoom();
        }
    }

    private void MakeRoom()
    {
        if (_length >= MaxEvent)
        {
            if (!owner.MayPassUnscanned)
            {
                Block(owner.Unscanned("The response has an event that is too large to be scanned."));
                return;
            }

            _output.Append(_read.AsSpan(0, _length));
            (_isWithinLarge, _length) = (true, 0);
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(2 * _length);
        _read.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_read);
        _read = larger;
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> text, CancellationToken cancellation)
    {
        if (_isOver || text.IsEmpty)
        {
            return;
        }

        if (_isWithinLarge || !TryWalk(ref text, out var offset, out var isEnd))
        {
            // This event has no texts to ask about, or is part of a large event that passed the local rules unscanned.
            _isWithinLarge = false;
            _output.Append(text.Span);
            return;
        }

        if (isEnd)
        {
            await EndAsync(cancellation);
            if (!_isOver)
            {
                _output.Append(text.Span);
            }

            return;
        }

        TakeFragments(text.Span, offset);
        if (_due.Count == 0 || await AskAsync(_due, cancellation))
        {
            WriteReleasedRest();
            TakeCompleteTexts(text.Span, offset);
            if (_completeTexts.Count == 0 || await AskAsync(_completeTexts.ConvertAll(static whole => whole.Window), cancellation))
            {
                WriteChanged(text.Span);
                owner.HasMore &= !_walk.ClosesAll;
            }
        }
    }

    private async ValueTask EndAsync(CancellationToken cancellation)
    {
        ClearTouched();
        Gather(static (_, _) => true);
        if (!_isOver && (_due.Count == 0 || await AskAsync(_due, cancellation)))
        {
            WriteReleasedRest();
            owner.HasMore = false;
        }
    }

    private async ValueTask<bool> AskAsync(List<TextWindow> parts, CancellationToken cancellation)
    {
        if (rules.Length > 0)
        {
            var about = new WindowedTexts(parts);
            if (about.Texts.Count > 0 || about.IsTooMuch)
            {
                about.Settle(rules, await owner.AskGuardrailsAsync(about.GuardrailRequests(rules), cancellation), owner.Findings);
                if (owner.FindError() is { } error)
                {
                    Block(error);
                    return false;
                }

                _isDecided = true;
            }
        }

        foreach (var part in parts)
        {
            _kept += part.Channel?.Release(part, MaxKept - _kept) ?? 0;
        }

        return true;
    }

    private void Block(Errors.EdgeError error)
    {
        (_isOver, owner.HasMore) = (true, false);
        _output.Append(owner.End(error).Span);
    }
}
