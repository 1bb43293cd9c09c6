namespace Cencori.Edge.Bodies.Multipart;

/// <summary>Result of the search for the model of a multipart request: a prefix, a problem, or too many bytes.</summary>
/// <param name="Prefix">The start of the body, owned by the caller. Null when the body cannot be used.</param>
/// <param name="Problem">Why the body cannot be read. Null when it can, or when it is too large.</param>
public readonly record struct MultipartRead(MultipartPrefix? Prefix, RequestProblem? Problem)
{
    /// <summary>True when the byte limit was reached before the model was found, or before the end of a form that is buffered whole.
    /// The edge then responds with 413.</summary>
    public bool IsTooLarge => Prefix is null && Problem is null;
}
