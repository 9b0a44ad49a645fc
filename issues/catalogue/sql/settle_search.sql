-- Sorts what loading left in the search indexes' waiting lists, so that the first searches are quick.
SELECT gin_clean_pending_list('service_search_vector'), gin_clean_pending_list('service_search_trigram')
