namespace Cencori.Edge.Bodies.Multipart;

/// <summary>What came of looking for the model of a multipart request: a prefix, a problem, or too many bytes.</summary>
/// <param name="Prefix">The beginning of the body, owned by the caller; null when there is no going on.</param>
/// <param name="Problem">Why the body cannot be read.</param>
public readonly record struct MultipartRead(MultipartPrefix? Prefix, RequestProblem? Problem)
{
    /// <summary>True when more than the bound was read without finding the model. Becomes a 413.</summary>
    public bool IsTooLarge => Prefix is null && Problem is null;
}
