namespace Cencori.Edge.Storage;

/// <summary>Somebody signed in to the dashboard.</summary>
public sealed class SessionRecord
{
    /// <summary>SHA-256 of the cookie, in hexadecimal: whoever reads the table cannot use what stands there.</summary>
    public required string Id { get; init; }

    /// <summary>Null: it was begun with the admin token.</summary>
    public string? UserId { get; init; }

    /// <summary>Names the admin token that it was begun with, so that it ends with that token; null for users.</summary>
    public string? TokenMark { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Exact to a minute.</summary>
    public required DateTimeOffset SeenAt { get; set; }

    /// <summary>From where it was begun.</summary>
    public string? Address { get; init; }

    /// <summary>With which browser, cut to 200 characters.</summary>
    public string? UserAgent { get; init; }
}

/// <summary>A key that protects forms and sign-ins on all edges: one element of data protection's key ring.</summary>
public sealed class RingKeyRecord
{
    /// <summary>Its name in the ring; the first under a master key has a fixed one, so that of two edges one makes it.</summary>
    public required string Id { get; init; }

    /// <summary>The element's XML, sealed.</summary>
    public required byte[] SealedXml { get; init; }

    public required string SealKeyId { get; init; }
}
