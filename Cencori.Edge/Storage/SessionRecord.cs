namespace Cencori.Edge.Storage;

/// <summary>A signed-in session of the dashboard.</summary>
public sealed class SessionRecord
{
    /// <summary>SHA-256 of the session cookie, in hexadecimal. A reader of the table cannot use the session.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the user. Null: the session was started with the admin token.</summary>
    public string? UserId { get; init; }

    /// <summary>Identifies the admin token that started the session, so that the session ends when the token changes. Null for users.</summary>
    public string? TokenMark { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Time of the last use, accurate to one minute.</summary>
    public required DateTimeOffset SeenAt { get; set; }

    /// <summary>Address from which the session was started.</summary>
    public string? Address { get; init; }

    /// <summary>The browser's <c>User-Agent</c>, cut to 200 characters.</summary>
    public string? UserAgent { get; init; }
}

/// <summary>A key that protects forms and sign-ins on all edges: one element of the key ring of ASP.NET data protection.</summary>
public sealed class RingKeyRecord
{
    /// <summary>Name of the element in the key ring. The first key under a master key has a fixed name, so only one of two edges can insert it.</summary>
    public required string Id { get; init; }

    /// <summary>The XML of the element, sealed.</summary>
    public required byte[] SealedXml { get; init; }

    public required string SealKeyId { get; init; }
}
