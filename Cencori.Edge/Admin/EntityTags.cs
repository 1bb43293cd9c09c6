using System.Security.Cryptography;
using System.Text.Json;
using Cencori.Edge.Errors;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Admin;

/// <summary><c>ETag</c> and <c>If-Match</c>: whoever changes settings can say which ones it has read, and overwrites nobody's change unseen.</summary>
public static class EntityTags
{
    private const int Length = 16;

    private static readonly EdgeError Malformed = EdgeError.Invalid("If-Match is an ETag that was read here, with its quotes, or *.", "If-Match");

    private static readonly EdgeError Changed = new(ErrorKind.Conflict, "It has been changed since it was read. Read it again, and send the ETag that it has now.")
    {
        Status = StatusCodes.Status412PreconditionFailed,
        Param = "If-Match",
    };

    /// <summary>The tag of a state: what is the same, member by member, has the same one at every edge.</summary>
    public static string Of(object state)
    {
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(state, state.GetType(), AdminJson.Options));
        return $"\"{Convert.ToHexStringLower(hash.AsSpan(0, Length))}\"";
    }

    /// <summary>True where the request expects this tag, or says nothing of any; else it is refused.</summary>
    public static async Task<bool> ExpectsAsync(this HttpContext context, string tag)
    {
        var header = context.Request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return true;
        }

        if (!EntityTagHeaderValue.TryParseList(header, out var expected) || expected.Count == 0)
        {
            await context.Refuse(Malformed);
            return false;
        }

        // A proxy that compresses makes a tag a weak one. It still stands for a state, of which the bytes are no part.
        if (expected.Any(one => one.Tag == tag || one.Tag == "*"))
        {
            return true;
        }

        await context.Refuse(Changed);
        return false;
    }
}
