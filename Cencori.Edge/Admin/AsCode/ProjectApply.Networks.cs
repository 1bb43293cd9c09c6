using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Projects;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Plans the networks from which keys may be used.</summary>
internal sealed partial class ProjectApply
{
    private const string Networking = "networking";
    private const string AllowedCidrs = "allowed_cidrs";

    private void PlanNetworking()
    {
        if (requested.Object(Networking)?.Without() is not { } networking)
        {
            return;
        }

        NormalizeCidrs(networking);
        var existing = (JsonObject)Current[Networking]!;
        if (Difference.Of(networking.Members, existing, ChangeReporter("project", Networking)).Count > 0)
        {
            var body = new Part(Difference.Merge(existing, networking.Members), networking.Path).As<NetworkingReplacement>();
            Do(networking, async () =>
            {
                if ((await editors.Networks.ReplaceAsync(actor, _id, body, Expect(Networking))).Value.Warning is { } warning)
                {
                    _warnings.Add($"{networking.Path}: {warning}");
                }
            });
        }
    }

    // Converts CIDRs to their stored form, so that another spelling is not a change. A list with an invalid CIDR is not
    // converted, so that the error names the right index.
    private static void NormalizeCidrs(Part of)
    {
        if (of.Members[AllowedCidrs] is JsonArray list && list.All(cidr => cidr?.GetValueKind() == JsonValueKind.String)
            && list.Select(cidr => (string)cidr!).ToList() is var cidrs && Checks.AllowedCidrs(cidrs) is null)
        {
            of.Members[AllowedCidrs] = new JsonArray([.. Checks.NormalizeCidrs(cidrs).Select(cidr => (JsonNode)cidr)]);
        }
    }
}
