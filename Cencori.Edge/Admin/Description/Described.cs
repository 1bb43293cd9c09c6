namespace Cencori.Edge.Admin.Description;

/// <summary>Description of an endpoint for the OpenAPI document.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Summary">One line.</param>
internal sealed record Described(string Method, string Path, string Summary)
{
    /// <summary>Status of a successful response. A 204 has no body.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Null: the endpoint takes no body.</summary>
    public Shape? Body { get; init; }

    /// <summary>True: the body may be absent.</summary>
    public bool IsBodyOptional { get; init; }

    /// <summary>Null: the response has no body.</summary>
    public Shape? Response { get; init; }

    /// <summary>Other media types of the response, or of the body if <see cref="TakesOthers"/>.</summary>
    public string[] OtherTypes { get; init; } = [];

    public bool TakesOthers { get; init; }

    /// <summary>True: the endpoint needs no key.</summary>
    public bool IsOpen { get; init; }

    public string[] Query { get; init; } = [];

    /// <summary>True: the response has an ETag.</summary>
    public bool IsTagged { get; init; }

    /// <summary>True: the request may carry <c>If-Match</c>.</summary>
    public bool IsExpected { get; init; }
}
