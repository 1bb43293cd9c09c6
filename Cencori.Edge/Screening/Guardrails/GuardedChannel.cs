using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>One text of a stream that guardrails are asked about part by part.</summary>
internal sealed class GuardedChannel(EventText first) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string _before = "";
    private StringBuilder? _told = new();
    private bool _isChanged;

    /// <summary>What is held of it.</summary>
    public TextChannel Held { get; } = new(first, rules: 0);

    /// <summary>What the caller may have of it, and does not have yet.</summary>
    public string Ready { get; private set; } = "";

    public void Add(ReadOnlySpan<char> piece)
    {
        _hash.AppendData(MemoryMarshal.AsBytes(piece));
        Held.Text.Append(piece);
    }

    /// <summary>Its next part, so far as there is one to ask about.</summary>
    /// <param name="isOver">All of it is due.</param>
    public TextWindow? Next(bool isOver)
    {
        var text = Held.Text.Span;
        var isDue = text.Length > 0 && (isOver || text.Length >= (Held.IsArguments ? GuardedTexts.MaxBytes : TextWindow.Usual));
        return isDue ? new(this, string.Concat(_before, text[..(isOver || Held.IsArguments ? text.Length : TextWindow.CutOf(text))]), _before.Length) : null;
    }

    /// <summary>A part may pass.</summary>
    /// <param name="part">As it was asked about.</param>
    /// <param name="keep">Characters of the text that may be kept.</param>
    /// <returns>How many of them are.</returns>
    public int Release(TextWindow part, int keep)
    {
        var (before, after) = (part.Before, part.After);
        Held.Text.Cut(before.Length);
        Ready += after;
        _isChanged |= before != after;
        _before = part.Text.Length <= TextWindow.Context ? part.Text : part.Text[^TextWindow.Context..];
        _before = _before.Length > 0 && char.IsLowSurrogate(_before[0]) ? _before[1..] : _before;
        _told = _told is not null && after.Length <= keep ? _told.Append(after) : null;
        return _told is null ? 0 : after.Length;
    }

    public string TakeReady()
    {
        var ready = Ready;
        Ready = "";
        return ready;
    }

    /// <summary>What it is known by as a whole, and what has become of it. Null: nothing. False: nobody knows any more.</summary>
    public bool TryEnd(out string hash, out string? changed)
    {
        (hash, changed) = (Convert.ToHexString(_hash.GetCurrentHash()), _isChanged ? _told?.ToString() : null);
        return !_isChanged || _told is not null;
    }

    /// <summary>What a whole text is known by.</summary>
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
