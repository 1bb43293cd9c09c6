using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Converts a project's policies to the form of a configuration document.</summary>
internal static class PoliciesAsCode
{
    private const string HasSecret = "has_secret";

    /// <summary>Returns all members of the policies. A reference replaces each secret of a guardrail or webhook. The webhook's URL is shortened to its origin.</summary>
    public static JsonObject Of(PolicyDocument policies, string slug)
    {
        var document = (JsonObject)JsonSerializer.SerializeToNode(policies.Complete(), AdminJson.Options)!;
        foreach (var rule in (JsonArray)document["rules"]!)
        {
            Refer(rule!["guardrail"] as JsonObject, slug, (string?)rule["id"], "SECRET");
        }

        Refer(document["webhook"] as JsonObject, slug, "POLICIES_WEBHOOK_SECRET");
        if (policies.Webhook is { } webhook)
        {
            document["webhook"]!["url"] = TrackedChanges.OriginOf(webhook.Url);
        }

        return document;
    }

    private static void Refer(JsonObject? members, params string?[] names)
    {
        if (members is null)
        {
            return;
        }

        if ((bool?)members[HasSecret] == true && !members.ContainsKey(CurrentState.PolicySecret))
        {
            members[CurrentState.PolicySecret] = SecretReference.Of(names);
        }

        members.Remove(HasSecret);
    }
}
