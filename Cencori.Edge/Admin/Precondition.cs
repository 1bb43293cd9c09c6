using Cencori.Edge.Errors;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Admin;

/// <summary>The version that a client expects to change (<c>If-Match</c>). It prevents lost updates.</summary>
public readonly struct Precondition
{
    private static readonly EdgeError Malformed = EdgeError.Invalid("If-Match must be an ETag from this API, with its quotes, or *.", "If-Match");

    private static readonly EdgeError Changed = new(ErrorKind.Conflict, "The object has changed since it was read. Read it again, and send its new ETag.")
    {
        Status = StatusCodes.Status412PreconditionFailed,
        Param = "If-Match",
    };

    // Null: no expectation. Empty: an unreadable header.
    private readonly string[]? _tags;

    private Precondition(string[] tags) => _tags = tags;

    /// <summary>No expectation: any version.</summary>
    public static Precondition Anything => default;

    /// <summary>From a hidden field of a form. Null or empty: any version.</summary>
    public static Precondition Tag(string? tag) => string.IsNullOrEmpty(tag) ? Anything : new([tag]);

    /// <summary>From the <c>If-Match</c> header.</summary>
    public static Precondition Of(HttpContext context)
    {
        var header = context.Request.Headers.IfMatch;
        return header.Count == 0 ? Anything

            // A compressing proxy makes a tag weak. A weak tag is enough: it stands for a state, not for bytes.
            : EntityTagHeaderValue.TryParseList(header, out var tags) ? new([.. tags.Select(one => one.Tag.ToString())])
            : new([]);
    }

    /// <param name="tag">Tag of the current state. Null: the object does not exist.</param>
    /// <exception cref="RefusedException">The state is not the expected one.</exception>
    public void Check(string? tag)
    {
        if (_tags is null || (tag is not null && (_tags.Contains(tag) || _tags.Contains("*"))))
        {
            return;
        }

        throw new RefusedException(_tags.Length == 0 ? Malformed : Changed);
    }
}
