using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.AsCode;

internal sealed partial class ProjectApply
{
    private async Task PlanCredentialsAsync()
    {
        var seen = new HashSet<CredentialRef>();
        foreach (var credential in requested.List("provider_keys"))
        {
            var body = credential.As<NewProviderKey>();
            var which = new CredentialRef(body.Provider, body.Environment, body.Name);
            if (!seen.Add(which))
            {
                throw credential.Refuse("name", "This credential appears twice. Credentials of the same provider and environment must have different names.");
            }

            await PlanCredentialAsync(credential, body, which);
        }
    }

    private async Task PlanCredentialAsync(Part credential, NewProviderKey body, CredentialRef which)
    {
        var environment = body.Environment == KeyEnvironment.Test ? "test" : "production";
        var title = $"credential of '{body.Provider}' ({environment}{(which.Name == ProviderKeyRecord.DefaultName ? "" : $", '{which.Name}'")})";
        var existing = Current["provider_keys"]!.AsArray().OfType<JsonObject>().FirstOrDefault(one =>
            (string?)one["provider"] == body.Provider && (string?)one["environment"] == environment && (string?)one["name"] == which.Name);
        var secret = await NewSecretAsync(credential, CurrentState.ApiKey, existing is not null, value => state.IsAsync(current.Id, which, value));
        if (existing is null)
        {
            Add(credential, PlannedChange.Create, title, null, null, null, () => editors.Credentials.StoreAsync(actor, _id, body));
            return;
        }

        var baseUrl = body.BaseUrl is null ? null : BaseUrls.Read(body.BaseUrl, out _) ?? body.BaseUrl;
        var hasNewBaseUrl = credential.Members.ContainsKey("baseUrl") && baseUrl != (string?)existing["baseUrl"];
        if (hasNewBaseUrl && (credential.Text(CurrentState.ApiKey) is not { } stated || SecretReference.NameIn(stated) is not null))
        {
            // Without this check, a document with another base URL could make the edge send the stored key to any server.
            throw credential.Refuse(CurrentState.ApiKey, "To change baseUrl, send the provider's key again: set apiKey to the key, or set the variable that apiKey names.");
        }

        if (secret is not null)
        {
            ChangeReporter(title)(CurrentState.ApiKey, PlannedChange.Secret, PlannedChange.Secret);
        }

        if (hasNewBaseUrl)
        {
            ChangeReporter(title)("baseUrl", existing["baseUrl"], baseUrl);
        }

        // For models and limits, null removes the setting. For other members, null means "unchanged".
        var named = credential.Members.Where(member => member.Key is "models" or "limits" || (member.Key is "weight" or "rank" or "enabled" && member.Value is not null));
        var others = Difference.Of(
            new(named.Select(member => KeyValuePair.Create(member.Key, member.Key == "limits" ? JsonSerializer.SerializeToNode(body.Limits.Value?.Normalized, AdminJson.Options) : member.Value?.DeepClone()))), existing, ChangeReporter(title));
        if (secret is not null || hasNewBaseUrl)
        {
            var whole = body with { BaseUrl = hasNewBaseUrl ? body.BaseUrl : (string?)existing["baseUrl"] };
            Do(credential, () => editors.Credentials.StoreAsync(actor, _id, whole));
        }
        else if (others.Count > 0)
        {
            var (change, tag) = (new Part(others, credential.Path).As<ProviderKeyChange>(), $"provider_keys[{existing.GetElementIndex()}]");
            Do(credential, () => editors.Credentials.ChangeAsync(actor, _id, which, change, Expect(tag)));
        }
    }
}
