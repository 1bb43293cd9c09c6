namespace Cencori.Edge.Memory;

/// <summary>An entry to store.</summary>
/// <param name="Id">Its id. Null: the store makes one.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">A JSON object. Null: none.</param>
/// <param name="ExpiresAt">From then on no search finds it. Null: never.</param>
/// <param name="Vector">Of length 1. Null: none yet.</param>
internal sealed record NewMemory(string? Id, string Content, string? Metadata, DateTimeOffset? ExpiresAt, float[]? Vector)
{
    /// <summary>Longest text, in characters.</summary>
    public const int LongestContent = 10_240;

    /// <summary>Longest metadata, in bytes.</summary>
    public const int LongestMetadata = 8 * 1024;

    /// <summary>Prefix of every entry id.</summary>
    public const string IdPrefix = "mem_";

    private const int LongestId = 128;

    public static string MakeId() => $"{IdPrefix}{Guid.CreateVersion7():D}";

    public static bool IsId(string text) =>
        text.Length is > 4 and <= LongestId && text.StartsWith(IdPrefix, StringComparison.Ordinal) && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.Contains('/');
}

/// <summary>An entry as it is stored.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Namespace">The name of its namespace.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">A JSON object. Null: none.</param>
/// <param name="IsEmbedded">Whether it has a vector.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="UpdatedAt">Time of the last change.</param>
/// <param name="ExpiresAt">From then on no search finds it. Null: never.</param>
public sealed record StoredMemory(string Id, string Namespace, string Content, string? Metadata, bool IsEmbedded, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ExpiresAt);
