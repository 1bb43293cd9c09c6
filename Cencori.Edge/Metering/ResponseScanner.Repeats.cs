using System.Buffers;

namespace Cencori.Edge.Metering;

/// <summary>
/// Speeds up streams whose events differ only in their text. A new event is compared with the form of the previous event: the bytes around its text.
/// The comparison takes a tenth of the time of parsing the event, and has the same effect.
/// </summary>
internal sealed partial class ResponseScanner
{
    // Maximum length of a remembered form, in bytes. Longer events are always parsed.
    private const int LongestForm = 768;

    private static readonly SearchValues<byte> EndsOfString = SearchValues.Create("\"\\\r\n"u8);

    // The remembered form: the bytes before the text, between the text and a second string, and after that string, concatenated.
    private byte[]? _form;
    private int _before;
    private int _between;
    private int _after;
    private (JsonLocation Place, ResponseField Field, long Choice) _formWriting;
    private bool _hasOtherMembers;

    private static ReadOnlySpan<byte> DataName => "data:"u8;

    /// <summary>Reads a complete event.</summary>
    /// <returns>False: the event has no data or several lines of data, or an earlier document is incomplete. The scanner has not read the event then.</returns>
    public bool TryReadEvent(ReadOnlySpan<byte> text)
    {
        if (_before > 0 && TryRepeat(text))
        {
            return true;
        }

        if (_state != State.Before || !TryFindData(text, out var start, out var end))
        {
            return false;
        }

        Learn(text, start, end);
        Read("\n"u8);
        EndDocument();
        return true;
    }

    private bool TryRepeat(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> form = _form;
        if (_state != State.Before || !text.StartsWith(form[.._before]))
        {
            return false;
        }

        var written = PassString(text[_before..], out var rest);
        form = form[_before..];
        if (!rest.StartsWith(form[.._between]))
        {
            return false;
        }

        if (_after > 0)
        {
            _ = PassString(rest[_between..], out rest);
            form = form[_between..];
        }

        if (!rest.SequenceEqual(form[..(_after > 0 ? _after : _between)]))
        {
            return false;
        }

        WriteTo(_formWriting);
        _text.Append(written);
        _hasTextBehindUsage |= !written.IsEmpty;
        _documentStart = _text.Here();
        return true;
    }

    // Returns the rest of a JSON string up to its closing quote. Stops at an escape or line end, because the event then cannot match the form.
    private static ReadOnlySpan<byte> PassString(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> rest)
    {
        var end = text.IndexOfAny(EndsOfString);
        end = end < 0 ? text.Length : end;
        rest = text[end..];
        return text[..end];
    }

    // Finds the data line of an event. False for an event with several data lines, which is rare.
    private static bool TryFindData(ReadOnlySpan<byte> text, out int start, out int end)
    {
        (start, end) = (0, 0);
        for (var at = 0; at < text.Length;)
        {
            var length = text[at..].IndexOfAny((byte)'\r', (byte)'\n');
            length = length < 0 ? text.Length - at : length;
            if (text[at..].StartsWith(DataName))
            {
                if (start > 0)
                {
                    return false;
                }

                (start, end) = (at + DataName.Length, at + length);
            }

            at += length + 1;
        }

        start += start < end && text[start] == ' ' ? 1 : 0;
        return start > 0;
    }

    // Parses the event's data. Remembers the form of the event if it has exactly one output text, without escapes, and no other data that the scanner needs.
    private void Learn(ReadOnlySpan<byte> text, int start, int end)
    {
        var (textStart, textEnd, otherStart, otherEnd, texts) = (0, 0, 0, 0, 0);
        _hasOtherMembers = false;
        var rest = text[start..end];
        while (!rest.IsEmpty)
        {
            var state = _state;
            rest = rest[Step(rest)..];
            var at = end - rest.Length;
            switch (state, _state)
            {
                case (not State.Output, State.Output):
                    (textStart, texts) = (at, texts + 1);
                    break;
                case (State.Output, not State.Output):
                    (textEnd, otherEnd) = (at - 1, 0);
                    break;
                case (State.Between, State.Skipped):
                    otherStart = at;
                    break;
                case (State.Skipped, State.Between):
                    otherEnd = at - 1;
                    break;
            }
        }

        var isForm = texts == 1 && _state == State.Over && !_hasOtherMembers && !_hasUsage && !_isError && !IsErrorKind && !RepeatsText
            && _writing.Field is not (ResponseField.Reasoning or ResponseField.ReasoningContent)
            && !text[textStart..textEnd].Contains((byte)'\\') && text.Length - (textEnd - textStart) <= LongestForm;
        _before = 0;
        if (isForm)
        {
            // Besides the text, one string may differ between events of the same form: the last unread string after the text. All other bytes must be equal.
            Remember(text, textStart, textEnd, otherEnd > textEnd ? otherStart..otherEnd : ^0..);
        }
    }

    private void Remember(ReadOnlySpan<byte> text, int textStart, int textEnd, Range other)
    {
        _form ??= new byte[LongestForm];
        var between = text[textEnd..other.Start.GetOffset(text.Length)];
        var after = text[other.End.GetOffset(text.Length)..];
        text[..textStart].CopyTo(_form);
        between.CopyTo(_form.AsSpan(textStart));
        after.CopyTo(_form.AsSpan(textStart + between.Length));
        (_before, _between, _after, _formWriting) = (textStart, between.Length, after.Length, _writing);
    }
}
