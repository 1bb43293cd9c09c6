using System.Text.Json;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Writes setup snippets for coding tools. Each tool uses the API of one provider, and is listed only when the project has that provider.</summary>
internal static class CodingSnippets
{
    private const string Anthropic = "anthropic";
    private const string OpenAI = "openai";

    /// <param name="key">The key for the snippets.</param>
    /// <param name="stored">Credentials of the key's environment.</param>
    /// <param name="address">The edge's URL, without <c>/v1</c>.</param>
    /// <param name="secret">The full key or a placeholder.</param>
    /// <param name="model">The model that the other code samples for this key use.</param>
    /// <param name="models">Finds the providers that serve a model.</param>
    public static IEnumerable<Snippet> Of(ApiKeyView key, List<ProviderKeyView> stored, string address, string secret, string model, ModelTable models)
    {
        if (key.KeyType != KeyType.Secret)
        {
            yield break;
        }

        if (Has(stored, Anthropic) && key.AllowedModels?.Exists(allowed => allowed.StartsWith("claude", StringComparison.Ordinal)) != false)
        {
            yield return new("Claude Code", $$"""
                # In the shell that runs Claude Code. Its base URL is without /v1.
                export ANTHROPIC_BASE_URL="{{address}}"
                export ANTHROPIC_AUTH_TOKEN="{{secret}}"
                unset ANTHROPIC_API_KEY
                claude
                """);
        }

        var isServed = models.Find(model).Any(provider => provider.Id == OpenAI);
        if (Has(stored, OpenAI) && (isServed || key.AllowedModels is null))
        {
            yield return new("Codex", $$"""
                # ~/.codex/config.toml
                model = {{JsonSerializer.Serialize(isServed ? model : SnippetBuilder.DefaultModel)}}
                model_provider = "cencori"

                [model_providers.cencori]
                name = "Cencori.Edge"
                base_url = "{{address}}/v1"
                env_key = "CENCORI_API_KEY"
                wire_api = "responses"

                # In the shell that runs Codex:
                # export CENCORI_API_KEY="{{secret}}"
                """);
        }
    }

    private static bool Has(List<ProviderKeyView> stored, string provider) => stored.Exists(one => one.Provider == provider);
}
