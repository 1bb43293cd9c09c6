namespace Cencori.Edge.Memory;

/// <summary>An entry that is to be stored.</summary>
/// <param name="Id">Of its own. Null: it gets one.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">A JSON object. Null: none.</param>
/// <param name="ExpiresAt">From then on nobody finds it. Null: never.</param>
/// <param name="Vector">Of length 1. Null: there is none yet.</param>
internal sealed record NewMemory(string? Id, string Content, string? Metadata, DateTimeOffset? ExpiresAt, float[]? Vector)
{
    /// <summary>Characters of a text at most.</summary>
    public const int LongestContent = 10_240;

    /// <summary>Bytes of metadata at most.</summary>
    public const int LongestMetadata = 8 * 1024;

    /// <summary>What every id begins with.</summary>
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
/// <param name="IsEmbedded">It has a vector.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="ExpiresAt">From then on nobody finds it. Null: never.</param>
public sealed record StoredMemory(string Id, string Namespace, string Content, string? Metadata, bool IsEmbedded, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ExpiresAt);
