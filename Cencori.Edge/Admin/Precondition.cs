using Cencori.Edge.Errors;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Admin;

/// <summary>What somebody who changes something has read of it before: one who says so overwrites nobody's change unseen.</summary>
public readonly struct Precondition
{
    private static readonly EdgeError Malformed = EdgeError.Invalid("If-Match is an ETag that was read here, with its quotes, or *.", "If-Match");

    private static readonly EdgeError Changed = new(ErrorKind.Conflict, "It has been changed since it was read. Read it again, and send the ETag that it has now.")
    {
        Status = StatusCodes.Status412PreconditionFailed,
        Param = "If-Match",
    };

    // Null: nothing is said of any. Empty: what is said cannot be read.
    private readonly string[]? _tags;

    private Precondition(string[] tags) => _tags = tags;

    /// <summary>Whatever it is.</summary>
    public static Precondition Anything => default;

    /// <summary>As a form has kept it. Null or empty: anything.</summary>
    public static Precondition Tag(string? tag) => string.IsNullOrEmpty(tag) ? Anything : new([tag]);

    /// <summary>As <c>If-Match</c> says it.</summary>
    public static Precondition Of(HttpContext context)
    {
        var header = context.Request.Headers.IfMatch;
        return header.Count == 0 ? Anything

            // A proxy that compresses makes a tag a weak one. It still stands for a state, of which the bytes are no part.
            : EntityTagHeaderValue.TryParseList(header, out var tags) ? new([.. tags.Select(one => one.Tag.ToString())])
            : new([]);
    }

    /// <param name="tag">Of the state that is there. Null: nothing is.</param>
    /// <exception cref="RefusedException">It is another one.</exception>
    public void Check(string? tag)
    {
        if (_tags is null || (tag is not null && (_tags.Contains(tag) || _tags.Contains("*"))))
        {
            return;
        }

        throw new RefusedException(_tags.Length == 0 ? Malformed : Changed);
    }
}
