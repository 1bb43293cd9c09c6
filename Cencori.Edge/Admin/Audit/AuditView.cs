using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Audit;

/// <summary>An audit row, as responses show it.</summary>
public sealed record AuditView(long Id, DateTimeOffset At, string Actor, string? Address, string Action, string? ProjectId, [property: JsonPropertyName("object")] string ObjectId, JsonElement? Before, JsonElement? After, string Result)
{
    public static AuditView Of(AuditRecord row) => new(row.Id, row.At, row.Actor, row.Address, row.Action, row.ProjectId, row.ObjectId, Read(row.Before), Read(row.After), row.Result);

    private static JsonElement? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);
}
