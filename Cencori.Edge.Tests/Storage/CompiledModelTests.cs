using System.Reflection;
using System.Text.RegularExpressions;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Storage;

/// <summary>
/// The edge starts with models that were written out as code, as <c>dotnet ef dbcontext optimize</c> does, below Storage/Compiled.
/// They must be what the code of the contexts describes today.
/// </summary>
/// <remarks>
/// After a change of the model, in Cencori.Edge, and the same for Postgres:
/// <c>dotnet ef dbcontext optimize --context SqliteEdgeDbContext --output-dir Storage/Compiled/Sqlite --namespace Cencori.Edge.Storage.Compiled.Sqlite</c>
/// </remarks>
public sealed partial class CompiledModelTests
{
    [Fact]
    public void The_compiled_model_for_SQLite_is_what_would_be_generated_now() =>
        AssertIsCurrent(new SqliteEdgeDbContext.DesignTimeFactory().CreateDbContext([]), "Sqlite");

    [Fact]
    public void The_compiled_model_for_PostgreSQL_is_what_would_be_generated_now() =>
        AssertIsCurrent(new PostgresEdgeDbContext.DesignTimeFactory().CreateDbContext([]), "Postgres");

    [Fact]
    public void The_edge_uses_the_compiled_model()
    {
        using var database = new SqliteEdgeDbContext.DesignTimeFactory().CreateDbContext([]);

        Assert.Equal("Cencori.Edge.Storage.Compiled.Sqlite", database.Model.GetType().Namespace);
    }

    private static void AssertIsCurrent(EdgeDbContext database, string system)
    {
        using var _ = database;
        var directory = Directory.CreateTempSubdirectory("cencori-model-");
        try
        {
            var services = DesignTimeServices(database);
            var files = services.GetRequiredService<ICompiledModelScaffolder>().ScaffoldModel(
                database.GetService<IDesignTimeModel>().Model,
                directory.FullName,
                new() { ContextType = database.GetType(), ModelNamespace = "Cencori.Edge.Storage.Compiled." + system, Language = "C#", UseNullableReferenceTypes = true });

            var committed = Path.Combine(Root(), "Cencori.Edge", "Storage", "Compiled", system);
            Assert.Equal(Directory.GetFiles(committed).Select(Path.GetFileName).Order(), files.Select(Path.GetFileName).Order());
            Assert.All(files, file => Assert.Equal(Read(Path.Combine(committed, Path.GetFileName(file))), Read(file)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    // A model gets a new id each time it is written out.
    private static string Read(string file) => ModelId().Replace(File.ReadAllText(file), "");

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Cencori.Edge.sln")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests do not run below the solution.");
        }

        return directory.FullName;
    }

    private static ServiceProvider DesignTimeServices(EdgeDbContext database)
    {
        var services = new ServiceCollection();
        var provider = Assembly.Load(database.Database.ProviderName!);
        var named = provider.GetCustomAttribute<DesignTimeProviderServicesAttribute>()!.TypeName;
        ((IDesignTimeServices)Activator.CreateInstance(provider.GetType(named, throwOnError: true)!)!).ConfigureDesignTimeServices(services);
        services.AddEntityFrameworkDesignTimeServices();
        services.AddDbContextDesignTimeServices(database);
        return services.BuildServiceProvider();
    }

    [GeneratedRegex("""modelId: new Guid\("[^"]+"\)""")]
    private static partial Regex ModelId();
}
