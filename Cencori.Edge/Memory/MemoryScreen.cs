using System.Text.Json;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening;

namespace Cencori.Edge.Memory;

/// <summary>
/// Applies a project's policies to memory entries before they are stored. An entry is later inserted into prompts like a tool result, so the rules for tool
/// results apply. Masked text is stored masked.
/// </summary>
internal sealed class MemoryScreen(PolicyDryRun policies)
{
    /// <returns>The entries, masked as the policies require. Or the error, if a policy forbids to store them.</returns>
    public async Task<(IReadOnlyList<NewMemory> Memories, EdgeError? Error)> ApplyAsync(MemoryCaller who, IReadOnlyList<NewMemory> memories, CancellationToken cancellation)
    {
        if (memories.Count == 0 || who.Caller.Project.Policies is not { ScansInput: true } set)
        {
            return (memories, who.Caller.Project.Policies is { IsUnreadable: true } ? Unreadable : null);
        }

        if (set.IsUnreadable)
        {
            return (memories, Unreadable);
        }

        var result = await policies.RunAsync(set, Write(memories), who.Caller.Project, who.Caller.Key.Environment, PolicyRoles.Tool, canSplit: memories.Count > 1, cancellation);
        if (result is null)
        {
            return await ApplyToHalvesAsync(who, memories, cancellation);
        }

        var reasons = result is { IsCut: true, Reasons.Count: 0 } && set.EnforcesInput ? ["unscanned"] : result.Reasons;
        if (reasons.Count > 0)
        {
            return (memories, new EdgeError(ErrorKind.PolicyViolation, "A policy of this project does not allow this content to be stored.") { Reasons = reasons, Status = StatusCodes.Status400BadRequest });
        }

        return result.HasGuardrailFailure ? (memories, InputScreen.GuardrailFailure()) : (Read(result.Sent, memories), null);
    }

    private async Task<(IReadOnlyList<NewMemory> Memories, EdgeError? Error)> ApplyToHalvesAsync(MemoryCaller who, IReadOnlyList<NewMemory> memories, CancellationToken cancellation)
    {
        var half = memories.Count / 2;
        var (first, error) = await ApplyAsync(who, [.. memories.Take(half)], cancellation);
        if (error is not null)
        {
            return (memories, error);
        }

        (var second, error) = await ApplyAsync(who, [.. memories.Skip(half)], cancellation);
        return error is not null ? (memories, error) : ([.. first, .. second], null);
    }

    private static EdgeError Unreadable => new(ErrorKind.PolicyUnavailable, "The policies of this project were set by a later version of the edge, and cannot be read by this one.") { RetryAfter = TimeSpan.FromSeconds(30) };

    private static byte[] Write(IReadOnlyList<NewMemory> memories)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartArray();
            foreach (var memory in memories)
            {
                json.WriteStartObject();
                json.WriteString("content", memory.Content);
                if (memory.Metadata is { } metadata)
                {
                    json.WritePropertyName("metadata");
                    json.WriteRawValue(metadata);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return body.ToArray();
    }

    private static IReadOnlyList<NewMemory> Read(byte[] json, IReadOnlyList<NewMemory> memories)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Zip(memories, static (row, memory) =>
        {
            var content = row.GetProperty("content").GetString()!;
            var metadata = row.TryGetProperty("metadata", out var member) ? JsonSerializer.Serialize(member) : null;

            // If the text was masked, a vector from the caller is dropped, because it belongs to the unmasked text.
            return memory with { Content = content, Metadata = metadata, Vector = content == memory.Content ? memory.Vector : null };
        })];
    }
}
