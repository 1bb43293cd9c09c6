namespace Cencori.Edge.Projects;

public static class ProjectServiceCollectionExtensions
{
    public static IServiceCollection AddProjects(this IServiceCollection services) => services.AddSingleton<ProjectCache>();
}
