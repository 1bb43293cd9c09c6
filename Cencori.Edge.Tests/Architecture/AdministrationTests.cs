using System.Text.RegularExpressions;

namespace Cencori.Edge.Tests.Architecture;

/// <summary>Pages and the API are two faces of the same services.</summary>
public sealed partial class AdministrationTests
{
    // Where a request becomes values, and values a response.
    private static readonly string[] Faces = ["AdminAuthenticationMiddleware", "AdminJson", "AdminServiceCollectionExtensions", "AuditActor", "Precondition", "StorageFailureHandler"];

    [Fact]
    public void Only_its_faces_know_HTTP()
    {
        var knowing = Directory.EnumerateFiles(Path.Combine(FolderTests.Root, "Admin"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Http().IsMatch(File.ReadAllText(file))).Select(file => Path.GetFileNameWithoutExtension(file)).ToList();

        Assert.Contains("ProjectsApi", knowing);
        Assert.Empty(knowing.Where(name => !name.EndsWith("Api", StringComparison.Ordinal)).Except(Faces));
    }

    [GeneratedRegex(@"\b(HttpContext|HttpRequest|HttpResponse|IHeaderDictionary)\b")]
    private static partial Regex Http();
}
