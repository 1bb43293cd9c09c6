using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Its policies: where the document names them, all rules are what it says.</summary>
internal sealed partial class ProjectApply
{
    private const string Policies = "policies";

    private void PlanPolicies()
    {
        if (wanted.Object(Policies) is not { } part)
        {
            return;
        }

        var document = Check(part).Complete();
        if (Difference.Of(CurrentState.PoliciesOf(document), (JsonObject)Current[Policies]!, Tell("project", Policies)).Count > 0)
        {
            Do(part, async () => _warnings.AddRange((await editors.Policies.ReplaceAsync(actor, _id, document, Expect(Policies))).Value.Warnings?.Select(warning => $"{part.Path}: {warning}") ?? []));
        }
    }

    private static PolicyDocument Check(Part part)
    {
        var document = part.As<PolicyDocument>();
        try
        {
            PolicyEditor.Check(document);
            return document;
        }
        catch (RefusedException refused)
        {
            throw part.At(refused);
        }
    }
}
