using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Settings;

/// <summary>Reads the form of a project's settings. An empty field removes the setting.</summary>
public static class ProjectSettingsForm
{
    public static FormState Of(ProjectView project) => new(new Dictionary<string, string?>
    {
        ["name"] = project.Name,
        ["default_model"] = project.DefaultModel,
        ["default_provider"] = project.DefaultProvider,
        ["model_aliases"] = string.Join('\n', project.ModelAliases.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} = {pair.Value}")),
        ["log_payloads"] = project.LogPayloads ? "on" : null,
    });

    /// <exception cref="RefusedException">A field is invalid.</exception>
    public static ProjectChange Read(IFormCollection form) => new()
    {
        Name = form["name"].ToString().Trim(),
        DefaultModel = Text(form["default_model"]),
        DefaultProvider = Text(form["default_provider"]),
        ModelAliases = Aliases(form["model_aliases"].ToString()),
        LogPayloads = form["log_payloads"] == "on",
    };

    private static Dictionary<string, string>? Aliases(string text)
    {
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
            {
                continue;
            }

            if (lines[i].Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } alias, { Length: > 0 } model])
            {
                throw new RefusedException(EdgeError.Invalid($"Line {i + 1} must have the form: alias = model.", "model_aliases"));
            }

            if (!aliases.TryAdd(alias, model))
            {
                throw new RefusedException(EdgeError.Invalid($"Line {i + 1} must not repeat the alias of an earlier line.", "model_aliases"));
            }
        }

        return aliases;
    }

    private static string? Text(string? text) => text?.Trim() is { Length: > 0 } some ? some : null;
}
