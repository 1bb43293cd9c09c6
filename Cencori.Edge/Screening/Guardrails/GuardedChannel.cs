using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Screening.Events;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>One text of a stream. Guardrails check it part by part, and each part is held back until it is checked.</summary>
internal sealed class GuardedChannel(EventText first) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string _before = "";
    private StringBuilder? _text = new();
    private bool _isChanged;

    /// <summary>The part of the text that is held back.</summary>
    public TextChannel Held { get; } = new(first, rules: 0);

    /// <summary>Checked text that has not been sent to the caller yet.</summary>
    public string Ready { get; private set; } = "";

    public void Add(ReadOnlySpan<char> piece)
    {
        _hash.AppendData(MemoryMarshal.AsBytes(piece));
        Held.Text.Append(piece);
    }

    /// <summary>The next part that guardrails must check. Null: not enough text has arrived.</summary>
    /// <param name="isOver">True: the text has ended, so all of the held text must be checked.</param>
    public TextWindow? Next(bool isOver)
    {
        var text = Held.Text.Span;
        var isDue = text.Length > 0 && (isOver || text.Length >= (Held.IsArguments ? GuardedTexts.MaxBytes : TextWindow.DefaultLength));
        return isDue ? new(this, string.Concat(_before, text[..(isOver || Held.IsArguments ? text.Length : TextWindow.CutOf(text))]), _before.Length) : null;
    }

    /// <summary>Releases a checked part.</summary>
    /// <param name="part">The part with the changes that guardrails requested.</param>
    /// <param name="keep">Number of characters of checked text that may be kept, in case the stream repeats the whole text.</param>
    /// <returns>Number of characters that were kept.</returns>
    public int Release(TextWindow part, int keep)
    {
        var (before, after) = (part.Before, part.After);
        Held.Text.Cut(before.Length);
        Ready += after;
        _isChanged |= before != after;
        _before = part.Text.Length <= TextWindow.Context ? part.Text : part.Text[^TextWindow.Context..];
        _before = _before.Length > 0 && char.IsLowSurrogate(_before[0]) ? _before[1..] : _before;
        _text = _text is not null && after.Length <= keep ? _text.Append(after) : null;
        return _text is null ? 0 : after.Length;
    }

    public string TakeReady()
    {
        var ready = Ready;
        Ready = "";
        return ready;
    }

    /// <summary>Ends the text. Returns the hash of the original text, and the changed text (null: nothing changed). False: the changed text was too long to
    /// be kept.</summary>
    public bool TryEnd(out string hash, out string? changed)
    {
        (hash, changed) = (Convert.ToHexString(_hash.GetCurrentHash()), _isChanged ? _text?.ToString() : null);
        return !_isChanged || _text is not null;
    }

    /// <summary>The hash of a whole text.</summary>
    public static string HashOf(ReadOnlySpan<char> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text), hash);
        return Convert.ToHexString(hash);
    }

    public void Dispose()
    {
        _hash.Dispose();
        Held.Dispose();
    }
}
