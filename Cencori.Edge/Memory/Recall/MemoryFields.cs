using System.Text.Json;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Reads the fields of a request body that say how to use a memory. They are inside the member <c>memory</c>, or at the top level of the body.</summary>
/// <param name="prefix">Prefix of the field names in errors, such as <c>memory.</c></param>
/// <param name="flagName">Name of the Boolean field.</param>
internal sealed class MemoryFields(string prefix, string flagName)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public string? Namespace { get; private set; }

    public int Limit { get; private set; } = AgentMemory.DefaultLimit;

    public double? Threshold { get; private set; }

    public bool? Flag { get; private set; }

    /// <summary>Reads the member <c>memory</c> of a chat.</summary>
    /// <param name="member">The value of the member, valid JSON.</param>
    /// <param name="call">How the request uses a memory. Null: the member is null.</param>
    /// <returns>The error. Null: success.</returns>
    public static EdgeError? ReadMember(ReadOnlySpan<byte> member, out MemoryCall? call)
    {
        call = null;
        var fields = new MemoryFields("memory.", "store");
        try
        {
            var reader = new Utf8JsonReader(member);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return EdgeError.Invalid("'memory' must be an object: {\"namespace\":\"…\",\"limit\":5,\"threshold\":0.5,\"store\":false}.", "memory");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (fields.Take(name, ref reader) is { } wrong)
                {
                    return wrong;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return EdgeError.Invalid("'memory' must not contain an escape that is an unpaired surrogate, such as \\ud800, and must not be nested deeper than 64 levels.", "memory");
        }

        if (fields.Missing() is { } missing)
        {
            return missing;
        }

        call = new(fields.Namespace!, fields.Limit, fields.Threshold, fields.Flag ?? false, "memory.namespace");
        return null;
    }

    /// <summary>Reads one field.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="value">Value of the field, valid JSON.</param>
    /// <returns>The error. Null: success.</returns>
    public EdgeError? Read(string name, ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            reader.Read();
            return Take(name, ref reader);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Invalid(name, "must not contain an escape that is an unpaired surrogate, such as \\ud800, and must not be nested deeper than 64 levels");
        }
    }

    public EdgeError? Missing() => Namespace is null ? Invalid("namespace", "must name a memory namespace of the project") : null;

    private EdgeError? Take(string name, ref Utf8JsonReader reader)
    {
        if (name is not ("namespace" or "limit" or "threshold") && name != flagName)
        {
            return EdgeError.Invalid($"Unknown field. Known fields: namespace, limit, threshold and {flagName}.", prefix + Shortened(name));
        }

        if (!_seen.Add(name))
        {
            return Invalid(name, "must not be repeated");
        }

        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        switch (name)
        {
            case "namespace":
                Namespace = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                return AgentMemory.IsNamespace(Namespace) ? null : Invalid(name, $"must be a string of 1 to {AgentMemory.LongestNamespace} characters without control characters");
            case "limit":
                Limit = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var limit) ? limit : 0;
                return AgentMemory.IsLimit(Limit) ? null : Invalid(name, $"must be a whole number from 1 to {AgentMemory.MaxLimit}");
            case "threshold":
                Threshold = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var threshold) ? threshold : double.NaN;
                return AgentMemory.IsThreshold(Threshold.Value) ? null : Invalid(name, "must be a number from 0 to 1");
            default:
                Flag = reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.TokenType == JsonTokenType.True : null;
                return Flag is not null ? null : Invalid(name, "must be true or false");
        }
    }

    // Shortens a field name for an error message, because the caller can send a name of any length.
    private static string Shortened(string name) => name.Length <= AgentMemory.LongestNamespace ? name : name[..AgentMemory.LongestNamespace];

    private EdgeError Invalid(string name, string what) => EdgeError.Invalid($"'{prefix}{name}' {what}.", prefix + name);
}
