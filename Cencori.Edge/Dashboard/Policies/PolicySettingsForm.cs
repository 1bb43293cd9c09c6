using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>What holds for all rules, as the fields of a form, and back.</summary>
internal static class PolicySettingsForm
{
    public const string Endpoints = "unscanned_endpoints";
    public const string Parts = "unscannable_parts";
    public const string Ends = "on_output_block";

    public static FormState Of(PolicyView view) => new(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["tag"] = TagOf(view),
        [Endpoints] = PolicyWords.WordOf(view.UnscannedEndpoints),
        [Parts] = PolicyWords.WordOf(view.UnscannableParts),
        [Ends] = PolicyWords.WordOf(view.OnOutputBlock),
    });

    public static string TagOf(PolicyView view) => EntityTags.Of(new { view.UnscannedEndpoints, view.UnscannableParts, view.OnOutputBlock });

    /// <exception cref="RefusedException">A field says nothing. It is told there.</exception>
    public static PolicyDocument Read(IFormCollection form, PolicyDocument document) => document with
    {
        UnscannedEndpoints = One<UnscannedRule>(form, Endpoints),
        UnscannableParts = One<UnscannedRule>(form, Parts),
        OnOutputBlock = One<OutputBlock>(form, Ends),
    };

    private static T One<T>(IFormCollection form, string field)
        where T : struct, Enum => PolicyWords.Read<T>(form[field]) ?? throw new RefusedException(EdgeError.Invalid("Choose one of these.", field));
}
