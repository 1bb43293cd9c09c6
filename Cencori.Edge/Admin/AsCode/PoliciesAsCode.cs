using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Policies as they stand in a document.</summary>
internal static class PoliciesAsCode
{
    private const string HasSecret = "has_secret";

    /// <summary>Complete; where a guardrail has a secret, there is a reference.</summary>
    public static JsonObject Of(PolicyDocument policies, string slug)
    {
        var document = (JsonObject)JsonSerializer.SerializeToNode(policies.Complete(), AdminJson.Options)!;
        foreach (var rule in (JsonArray)document["rules"]!)
        {
            if (rule!["guardrail"] is not JsonObject guardrail)
            {
                continue;
            }

            if ((bool?)guardrail[HasSecret] == true && !guardrail.ContainsKey(CurrentState.GuardrailSecret))
            {
                guardrail[CurrentState.GuardrailSecret] = Reference.Of(slug, (string?)rule["id"], "SECRET");
            }

            guardrail.Remove(HasSecret);
        }

        return document;
    }
}
