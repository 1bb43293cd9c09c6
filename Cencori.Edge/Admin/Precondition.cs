using Cencori.Edge.Errors;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Admin;

/// <summary>The ETag that an object must have so that a change is made (<c>If-Match</c>). It prevents clients from overwriting each other's changes.</summary>
public readonly struct Precondition
{
    private static readonly EdgeError Malformed = EdgeError.Invalid("If-Match must be an ETag from this API, with its quotes, or *.", "If-Match");

    private static readonly EdgeError Changed = new(ErrorKind.Conflict, "The object has changed since it was read. Read it again, and send its new ETag.")
    {
        Status = StatusCodes.Status412PreconditionFailed,
        Param = "If-Match",
    };

    // The accepted ETags. Null: every version is accepted. Empty: the header was unreadable.
    private readonly string[]? _tags;

    private Precondition(string[] tags) => _tags = tags;

    /// <summary>Accepts every version of the object.</summary>
    public static Precondition Anything => default;

    /// <summary>Creates a precondition from one ETag, such as the value of a hidden form field. If the ETag is null or empty, every version is accepted.</summary>
    public static Precondition Tag(string? tag) => string.IsNullOrEmpty(tag) ? Anything : new([tag]);

    /// <summary>Creates a precondition from the <c>If-Match</c> header.</summary>
    public static Precondition Of(HttpContext context)
    {
        var header = context.Request.Headers.IfMatch;
        return header.Count == 0 ? Anything

            // Weak ETags are accepted, because a compressing proxy makes an ETag weak. Here an ETag stands for a state, not for bytes.
            : EntityTagHeaderValue.TryParseList(header, out var tags) ? new([.. tags.Select(one => one.Tag.ToString())])
            : new([]);
    }

    /// <param name="tag">ETag of the object's current state. Null: the object does not exist.</param>
    /// <exception cref="RefusedException">The ETag is not among the accepted ones.</exception>
    public void Check(string? tag)
    {
        if (_tags is null || (tag is not null && (_tags.Contains(tag) || _tags.Contains("*"))))
        {
            return;
        }

        throw new RefusedException(_tags.Length == 0 ? Malformed : Changed);
    }
}
