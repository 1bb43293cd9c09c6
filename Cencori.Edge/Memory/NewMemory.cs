namespace Cencori.Edge.Memory;

/// <summary>A memory entry that is not stored yet.</summary>
/// <param name="Id">The entry's id. Null: the store generates one.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">A JSON object. Null: no metadata.</param>
/// <param name="ExpiresAt">Time from which searches no longer find the entry. Null: the entry does not expire.</param>
/// <param name="Vector">Vector of the text, normalized to length 1. Null: the text is not embedded yet.</param>
internal sealed record NewMemory(string? Id, string Content, string? Metadata, DateTimeOffset? ExpiresAt, float[]? Vector)
{
    /// <summary>Maximum length of the text, in characters.</summary>
    public const int LongestContent = 10_240;

    /// <summary>Maximum size of the metadata, in bytes.</summary>
    public const int LongestMetadata = 8 * 1024;

    /// <summary>Prefix of every entry id.</summary>
    public const string IdPrefix = "mem_";

    private const int LongestId = 128;

    public static string MakeId() => $"{IdPrefix}{Guid.CreateVersion7():D}";

    public static bool IsId(string text) =>
        text.Length is > 4 and <= LongestId && text.StartsWith(IdPrefix, StringComparison.Ordinal) && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.Contains('/');
}

/// <summary>A stored memory entry.</summary>
/// <param name="Id">The entry's id.</param>
/// <param name="Namespace">The name of the entry's namespace.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">A JSON object. Null: no metadata.</param>
/// <param name="IsEmbedded">Whether the entry has a vector.</param>
/// <param name="CreatedAt">Time at which the entry was stored.</param>
/// <param name="UpdatedAt">Time of the last change.</param>
/// <param name="ExpiresAt">Time from which searches no longer find the entry. Null: the entry does not expire.</param>
public sealed record StoredMemory(string Id, string Namespace, string Content, string? Metadata, bool IsEmbedded, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ExpiresAt);
