using System.Security.Cryptography;
using System.Text.Json;

namespace Cencori.Edge.Admin;

/// <summary><c>ETag</c>: what stands for the state of something that can be changed.</summary>
public static class EntityTags
{
    private const int Length = 16;

    /// <summary>The tag of a state: what is the same, member by member, has the same one at every edge.</summary>
    public static string Of(object state)
    {
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(state, state.GetType(), AdminJson.Options));
        return $"\"{Convert.ToHexStringLower(hash.AsSpan(0, Length))}\"";
    }
}
