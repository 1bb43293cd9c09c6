namespace Cencori.Edge.Storage;

/// <summary>A session in the dashboard.</summary>
public sealed class SessionRecord
{
    /// <summary>SHA-256 of the cookie, in hexadecimal: a reader of the table cannot use the session.</summary>
    public required string Id { get; init; }

    /// <summary>Null: started with the admin token.</summary>
    public string? UserId { get; init; }

    /// <summary>Identifies the admin token that started the session, so that a change of the token ends it. Null for users.</summary>
    public string? TokenMark { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Accurate to one minute.</summary>
    public required DateTimeOffset SeenAt { get; set; }

    /// <summary>Address from which the session was started.</summary>
    public string? Address { get; init; }

    /// <summary>The browser, cut to 200 characters.</summary>
    public string? UserAgent { get; init; }
}

/// <summary>A key that protects forms and sign-ins on all edges: one element of the key ring of ASP.NET data protection.</summary>
public sealed class RingKeyRecord
{
    /// <summary>Its name in the ring. The first key under a master key has a fixed name, so that of two edges only one can insert it.</summary>
    public required string Id { get; init; }

    /// <summary>The element's XML, sealed.</summary>
    public required byte[] SealedXml { get; init; }

    public required string SealKeyId { get; init; }
}
