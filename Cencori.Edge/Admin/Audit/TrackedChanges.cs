using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Creates audit entries, without secrets, for the unsaved changes of a database context.</summary>
internal static partial class TrackedChanges
{
    // Maximum length of a text in an entry. Longer texts are cut, and longer lists reduced to their differences, so that repeated changes do not fill the audit log.
    private const int LongestText = 2_000;

    private static readonly JsonSerializerOptions Json = new(AdminJson.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<Type, string> Kinds = new()
    {
        [typeof(ProjectRecord)] = "project",
        [typeof(ApiKeyRecord)] = "api_key",
        [typeof(ProviderKeyRecord)] = "provider_key",
        [typeof(BudgetRecord)] = "budget",
        [typeof(AgentRecord)] = "agent",
        [typeof(PendingActionRecord)] = "action",
        [typeof(PromptRecord)] = "prompt",
        [typeof(PromptVersionRecord)] = "prompt_version",
        [typeof(RouteRecord)] = "route",
        [typeof(UserRecord)] = "member",
        [typeof(MembershipRecord)] = "membership",
        [typeof(InvitationRecord)] = "invitation",
    };

    /// <summary>Record types whose changes are logged.</summary>
    public static IReadOnlyCollection<Type> Types => Kinds.Keys;

    public static List<AuditEntry> In(EdgeDbContext database)
    {
        database.ChangeTracker.DetectChanges();
        var entries = new List<AuditEntry>();
        foreach (var entry in database.ChangeTracker.Entries())
        {
            if (entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted && Kinds.TryGetValue(entry.Metadata.ClrType, out var kind))
            {
                entries.Add(Of(entry, kind));
            }
        }

        return entries;
    }

    private static AuditEntry Of(EntityEntry entry, string kind)
    {
        var (verb, hasBefore, hasAfter) = entry.State switch
        {
            EntityState.Added => ("created", false, true),
            EntityState.Deleted => ("deleted", true, false),
            _ => ("changed", true, true),
        };
        var (before, after) = (new JsonObject(), new JsonObject());
        foreach (var property in entry.Properties)
        {
            if (hasBefore && hasAfter && !property.IsModified)
            {
                continue;
            }

            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Metadata.Name);
            var (was, becomes) = (hasBefore ? JsonOf(name, property.OriginalValue) : null, hasAfter ? JsonOf(name, property.CurrentValue) : null);
            AddValue(before, name, was, becomes);
            AddValue(after, name, becomes, was);
        }

        return new($"{kind}.{verb}", ProjectOf(entry), IdOf(entry))
        {
            Before = hasBefore ? before.ToJsonString(Json) : null,
            After = hasAfter ? after.ToJsonString(Json) : null,
        };
    }

    private static JsonNode? JsonOf(string name, object? value) => value switch
    {
        null => null,

        // The log does not show a hash or an encrypted value. It shows only that a value exists.
        byte[] => "(secret)",
        string text when name == "webhook_url" => OriginOf(text),
        string text when name == "policies" => PoliciesOf(text),
        string text when IsDocument(name) => Parse(text),
        string text => Cut(text),
        _ => JsonSerializer.SerializeToNode(value, value.GetType(), Json),
    };

    private static JsonNode? PoliciesOf(string text)
    {
        var document = Parse(SealedSecret().Replace(text, "\"secret\":\"(secret)\""));
        if ((document as JsonObject)?["webhook"] is JsonObject webhook && webhook["url"] is JsonValue value && value.TryGetValue<string>(out var url))
        {
            webhook["url"] = OriginOf(url);
        }

        return document;
    }

    // Another version of the edge may have stored text that is not JSON. It may contain secrets, so it is not logged.
    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return "(unreadable)";
        }
    }

    private static bool IsDocument(string name) => name is "document" or "policies";

    private static void AddValue(JsonObject values, string name, JsonNode? value, JsonNode? other)
    {
        if (value is not null)
        {
            if (value is JsonValue || value.ToJsonString(Json).Length <= LongestText)
            {
                values[name] = value.DeepClone();
                return;
            }

            // The difference of two JSON documents is JSON too, so a short difference is logged as JSON.
            var different = Without(value, other);
            var text = different.ToJsonString(Json);
            values[name] = IsDocument(name) && text.Length <= LongestText ? different : Cut(text);
        }
    }

    // Returns the members and items of `value` that `other` lacks, or has with different contents.
    private static JsonNode Without(JsonNode value, JsonNode? other) => (value, other) switch
    {
        (JsonObject members, JsonObject others) => new JsonObject(
            members.Where(member => !others.TryGetPropertyValue(member.Key, out var existing) || !JsonNode.DeepEquals(member.Value, existing)).Select(member => KeyValuePair.Create(member.Key, Differing(member.Value, others[member.Key])))),
        (JsonArray items, JsonArray others) when HaveIds(items, others) => new JsonArray([.. items.ExceptBy(others.Select(TextOf), TextOf).Select(item => Named(item!.AsObject(), others))]),
        (JsonArray items, JsonArray others) => new JsonArray([.. items.ExceptBy(others.Select(TextOf), TextOf).Select(item => item?.DeepClone())]),
        _ => value,
    };

    // A list that contains objects without ids is logged whole, because such objects cannot be matched with the objects of the other list.
    private static JsonNode? Differing(JsonNode? value, JsonNode? other) => (value, other) switch
    {
        (JsonObject, JsonObject) => Without(value, other),
        (JsonArray items, JsonArray others) when HaveIds(items, others) || items.Concat(others).All(static item => item is JsonValue) => Without(value, other),
        _ => value?.DeepClone(),
    };

    private static bool HaveIds(JsonArray items, JsonArray others) => items.Concat(others).All(static item => IdOf(item) is not null);

    // Compares an item with the item of the same id in the other list.
    private static JsonObject Named(JsonObject item, JsonArray others)
    {
        var id = IdOf(item);
        if (others.FirstOrDefault(one => IdOf(one) == id) is not { } before)
        {
            return item.DeepClone().AsObject();
        }

        var different = Without(item, before).AsObject();
        different.Insert(0, "id", id);
        return different;
    }

    private static string? IdOf(JsonNode? item) => item is JsonObject members && members.TryGetPropertyValue("id", out var id) && id is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string? TextOf(JsonNode? node) => node?.ToJsonString(Json);

    private static string Cut(string text) => text.Length <= LongestText ? text : $"{PlainText.Cut(text, LongestText)}… ({text.Length} characters)";

    /// <summary>Origin of a webhook's URL. The path is omitted, because it is often the secret.</summary>
    internal static string OriginOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? $"{uri.GetLeftPart(UriPartial.Authority)}/…" : "…";

    // Matches an encrypted secret in stored JSON. The same characters in a user's text do not match, because their quotes are escaped.
    [GeneratedRegex(@"""secret"":""sealed:[^""]*""")]
    private static partial Regex SealedSecret();

    private static string? ProjectOf(EntityEntry entry) => entry.Entity is ProjectRecord project ? project.Id
        : entry.Metadata.FindProperty("ProjectId") is { } property ? (string?)entry.Property(property).CurrentValue
        : null;

    // Id of the changed object for the audit log: its primary key without the project's id. If the rest of the key is empty, the object belongs
    // to the whole project.
    private static string IdOf(EntityEntry entry)
    {
        var parts = entry.Metadata.FindPrimaryKey()!.Properties.Where(part => part.Name != "ProjectId").Select(part => Convert.ToString(entry.Property(part).CurrentValue, System.Globalization.CultureInfo.InvariantCulture));
        return string.Join(' ', parts.Where(part => !string.IsNullOrEmpty(part))) is { Length: > 0 } id ? id : "project";
    }
}
