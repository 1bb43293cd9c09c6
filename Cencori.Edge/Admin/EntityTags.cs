using System.Security.Cryptography;
using System.Text.Json;

namespace Cencori.Edge.Admin;

/// <summary>Computes the <c>ETag</c> of an object that can be changed.</summary>
public static class EntityTags
{
    private const int Length = 16;

    /// <summary>Computes the tag of an object's state. States with equal members have the same tag at every edge.</summary>
    public static string Of(object state)
    {
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(state, state.GetType(), AdminJson.Options));
        return $"\"{Convert.ToHexStringLower(hash.AsSpan(0, Length))}\"";
    }
}
