using System.Text.RegularExpressions;

namespace Cencori.Edge.Tests.Architecture;

/// <summary>Pages and the administration API use the same services.</summary>
public sealed partial class AdministrationTests
{
    // The layer that turns requests into values, and values into responses.
    private static readonly string[] Faces = ["AdminAuthenticationMiddleware", "AdminJson", "AdminServiceCollectionExtensions", "AuditActor", "Precondition", "StorageFailureHandler"];

    [Fact]
    public void Only_the_HTTP_layer_of_the_administration_uses_HTTP_types()
    {
        var knowing = Directory.EnumerateFiles(Path.Combine(FolderTests.Root, "Admin"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Http().IsMatch(File.ReadAllText(file))).Select(file => Path.GetFileNameWithoutExtension(file)).ToList();

        Assert.Contains("ProjectsApi", knowing);
        Assert.Empty(knowing.Where(name => !name.EndsWith("Api", StringComparison.Ordinal)).Except(Faces));
    }

    [GeneratedRegex(@"\b(HttpContext|HttpRequest|HttpResponse|IHeaderDictionary)\b")]
    private static partial Regex Http();
}
