namespace Cencori.Edge.Admin.Description;

/// <summary>Description of one endpoint for the OpenAPI document.</summary>
/// <param name="Method">HTTP method in upper case.</param>
/// <param name="Path">Path, with its parameters in braces.</param>
/// <param name="Summary">Summary of the endpoint in one line.</param>
internal sealed record Described(string Method, string Path, string Summary)
{
    /// <summary>Status of a successful response. A 204 has no body.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Schema of the request body. Null: the endpoint takes no body.</summary>
    public Shape? Body { get; init; }

    /// <summary>True: a request may omit the body.</summary>
    public bool IsBodyOptional { get; init; }

    /// <summary>Schema of the response body. Null: the response has no body.</summary>
    public Shape? Response { get; init; }

    /// <summary>Media types besides JSON. They apply to the response or, if <see cref="AllowsOtherTypes"/> is true, to the request body and not to the response.</summary>
    public string[] OtherTypes { get; init; } = [];

    public bool AllowsOtherTypes { get; init; }

    /// <summary>True: the endpoint needs no key.</summary>
    public bool IsOpen { get; init; }

    public string[] Query { get; init; } = [];

    /// <summary>True: the response has an ETag.</summary>
    public bool IsTagged { get; init; }

    /// <summary>True: the request may carry <c>If-Match</c>.</summary>
    public bool AcceptsIfMatch { get; init; }
}
